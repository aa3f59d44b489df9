// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// The words of histories.
#include <array>
#include <cstddef>
#include <span>

#include "annals/api/consumer_history.hpp"
#include "annals/api/group_history.hpp"

namespace annals::api {
namespace {

constexpr std::array<std::string_view, 4> kConsumerDeeds = {
    "saved", "claimed", "rewound", "deleted"
};
constexpr std::array<std::string_view, 14> kGroupDeeds = {
    "created",
    "updated",
    "paused",
    "resumed",
    "reset",
    "rewound",
    "deleted",
    "parked",
    "queued",
    "retried",
    "skipped",
    "purged",
    "edited",
    "handled"
};

template <typename Deed>
std::optional<Deed> deed_of(std::span<const std::string_view> words, std::string_view text) {
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == text) return static_cast<Deed>(i);
    }
    return std::nullopt;
}

}  // namespace

std::string_view to_string(ConsumerDeed deed) {
    return kConsumerDeeds[static_cast<std::size_t>(deed)];
}
std::optional<ConsumerDeed> parse_consumer_deed(std::string_view text) {
    return deed_of<ConsumerDeed>(kConsumerDeeds, text);
}
std::string_view to_string(GroupDeed deed) { return kGroupDeeds[static_cast<std::size_t>(deed)]; }
std::optional<GroupDeed> parse_group_deed(std::string_view text) {
    return deed_of<GroupDeed>(kGroupDeeds, text);
}

}  // namespace annals::api
