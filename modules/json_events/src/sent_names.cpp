// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/json_events/sent_names.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include <nlohmann/json.hpp>

namespace annals::json_events {
namespace {

constexpr std::string_view kEvents = "events";

struct CloudName {
    std::string_view field;
    std::string_view attribute;
};
constexpr std::array<CloudName, 6> kCloudNames{{
    {"stream", "subject"},
    {"valid_time", "time"},
    {"content_type", "datacontenttype"},
    {"correlation_id", "correlationid"},
    {"causation_id", "causationid"},
    {"schema_id", "schemaid"},
}};

/// Tags are one text there: their places say nothing.
std::string_view cloud_name(std::string_view part) {
    part = part.substr(0, part.find('['));
    for (const CloudName& name : kCloudNames) {
        if (name.field == part) return name.attribute;
    }
    return part;
}

std::string header_name(std::string_view part) {
    if (part == "content_type") return "Content-Type";
    if (part == "data") return "body";
    return std::string("ce-").append(cloud_name(part));
}

}  // namespace

std::string event_field_as_sent(std::string_view field, SentEvents how, bool is_stream_named) {
    if (how == SentEvents::kMember) return std::string(field);
    if (field == kEvents) return "body";
    const std::size_t end = field.find(']');
    const bool is_of_an_event = field.starts_with("events[") && end != std::string_view::npos;
    if (!is_of_an_event) return std::string(field);
    std::string_view part = field.substr(end + 1);
    if (part.starts_with('.')) part.remove_prefix(1);
    const bool is_cloud = how != SentEvents::kArray && how != SentEvents::kEvent;
    if (is_cloud && is_stream_named && part == "stream") return "stream";
    if (how == SentEvents::kArray || how == SentEvents::kCloudArray) {
        std::string name(field.substr(kEvents.size(), end + 1 - kEvents.size()));
        if (part.empty()) return name;
        return name.append(".").append(is_cloud ? cloud_name(part) : part);
    }
    if (part.empty()) return "body";
    if (how == SentEvents::kCloudHeaders) return header_name(part);
    return std::string(is_cloud ? cloud_name(part) : part);
}

bool has_member(std::string_view json, std::string_view path) {
    const nlohmann::json root = nlohmann::json::parse(json, nullptr, false);
    const nlohmann::json* at = &root;
    while (at->is_object()) {
        const std::size_t end = std::min(path.find('.'), path.size());
        const auto found = at->find(path.substr(0, end));
        if (found == at->end()) return false;
        if (end == path.size()) return true;
        at = &*found;
        path.remove_prefix(end + 1);
    }
    return false;
}

}  // namespace annals::json_events
