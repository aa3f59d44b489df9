// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "annals/api/consumer_groups.hpp"
#include "annals/base/named_type.hpp"

namespace annals::api {

/// Positions that an entry names; it counts all.
inline constexpr std::size_t kGroupHistoryPositionsMax = 100;

/// What became of a group, or of events that it set aside. The group itself parks, queues and
/// notes as handled; all else somebody did.
enum class GroupDeed : std::uint8_t {
    kCreated,
    kUpdated,
    kPaused,
    kResumed,
    kReset,
    kRewound,
    kDeleted,
    kParked,
    kQueued,
    kRetried,
    kSkipped,
    kPurged,
    kEdited,
    kHandled,
};

/// "created", "updated", …
std::string_view to_string(GroupDeed deed);
std::optional<GroupDeed> parse_group_deed(std::string_view text);

struct GroupHistoryEntry {
    GroupDeed deed = GroupDeed::kCreated;
    TimeNs time;
    std::string actor;  ///< who, as they said; may be empty
    std::string reason;
    // of the group
    std::uint64_t generation = 0;
    Position begins_after;                  ///< kCreated, kReset, kRewound
    std::optional<GroupSettings> settings;  ///< kCreated, kUpdated: as they were then
    std::vector<std::string> differs;       ///< kUpdated: names of settings that changed
    // of events
    std::string key;
    std::vector<Position> positions;  ///< the first kGroupHistoryPositionsMax
    std::uint64_t events = 0;         ///< all of them
    std::uint32_t attempts = 0;       ///< kParked, as the next two
    std::string error;
    std::string member;
};

struct GroupHistoryRequest {
    std::string group;
    std::string after = {};      ///< `next` of the page before; empty: from the newest on
    std::uint32_t limit = 100;   ///< 0: 100; at most model::Limits::kReadEventsMax
    bool is_everything = false;  ///< also what the group does by itself
};

/// Newest first. A page is short, even empty, and not the last where a bound on its work was met.
struct GroupHistory {
    std::vector<GroupHistoryEntry> entries;
    std::string next;  ///< give it as `after`; stays valid. Empty: that was all
};

}  // namespace annals::api
