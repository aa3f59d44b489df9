// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "annals/base/named_type.hpp"

namespace annals::api {

enum class ConsumerDeed : std::uint8_t { kSaved, kClaimed, kRewound, kDeleted };

/// "saved", "claimed", "rewound", "deleted".
std::string_view to_string(ConsumerDeed deed);
std::optional<ConsumerDeed> parse_consumer_deed(std::string_view text);

/// One change of a consumer, and what it was afterwards.
struct ConsumerHistoryEntry {
    ConsumerDeed deed = ConsumerDeed::kSaved;
    TimeNs time;
    std::string actor;  ///< who, as they said; may be empty
    std::string reason;
    std::uint64_t epoch = 0;
    std::string owner;
    std::string position;  ///< token; empty: none
    Position at;
    std::string offset;  ///< of a foreign dialect
    bool operator==(const ConsumerHistoryEntry&) const = default;
};

struct ConsumerHistoryRequest {
    std::string consumer;
    std::string after = {};      ///< `next` of the page before; empty: from the newest on
    std::uint32_t limit = 100;   ///< 0: 100; at most model::Limits::kReadEventsMax
    bool is_everything = false;  ///< also saves
};

/// Newest first. A page is short, even empty, and not the last where a bound on its work was met.
struct ConsumerHistory {
    std::vector<ConsumerHistoryEntry> entries;
    std::string next;  ///< give it as `after`; stays valid. Empty: that was all
};

}  // namespace annals::api
