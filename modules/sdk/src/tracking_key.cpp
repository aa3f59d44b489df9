// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "tracking_key.hpp"

namespace annals::sdk {
namespace {

constexpr std::size_t kKeyBytesMax = 1'024;

/// The first tag of this name as it is written, as the group takes it; empty: none.
std::string_view tag_of(const Event& event, const std::string& name) {
    const std::string prefix = name + ":";
    for (const std::string_view tag : event.tags) {
        if (tag.starts_with(prefix)) return tag;
    }
    return {};
}

}  // namespace

std::string tracking_key(const api::GroupSettings& settings, const Event& event) {
    const bool is_ordered = settings.strategy != api::GroupStrategy::kRoundRobin &&
                            settings.key_in_flight_max <= 1;
    std::string key(event.stream);
    switch (settings.key.kind) {
        case api::GroupKeyKind::kStream:
            break;
        case api::GroupKeyKind::kTag:
            if (const std::string_view tag = tag_of(event, settings.key.name); !tag.empty()) {
                key = "tag:" + std::string(tag);
            } else {
                key.insert(0, "stream:");
            }
            break;
        case api::GroupKeyKind::kCorrelation:
            if (!event.correlation_id.empty()) {
                key = "correlation:" + std::string(event.correlation_id);
            } else {
                key.insert(0, "stream:");
            }
            break;
        case api::GroupKeyKind::kField:
            key.clear();
            break;
    }
    const bool is_shared = is_ordered && !key.empty() && key.size() <= kKeyBytesMax;
    return is_shared ? key : "position:" + std::to_string(event.position.value);
}

}  // namespace annals::sdk
