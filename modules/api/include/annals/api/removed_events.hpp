// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "annals/base/named_type.hpp"

namespace annals::api {

/// Tells a reader of events of what it asked for that are gone (log-and-rules 2.5, docs/adr/0018):
/// no event that it was given lies between them. Both ends are inclusive, the first is the lower
/// one in reads backwards, too; other positions between them are not of what was asked for.
///
/// Reads of a stream also count what its metadata hide, whether its space was freed yet or not.
/// Where that lies is not looked up: the positions bound it, the revisions are exact.
struct RemovedEvents {
    Position first_position;
    Position last_position;
    std::uint64_t events = 0;                ///< of what was asked for
    std::optional<Revision> first_revision;  ///< both, or none: of a stream's read
    std::optional<Revision> last_revision;
    TimeNs removed_time;  ///< newest removal that is known of; 0: of none
    /// Nobody knows whether events removed here were asked for: their tags are forgotten. `events`
    /// is 0 then.
    bool is_uncertain = false;

    /// Neighbours become one: nothing was given between them.
    void take_in(const RemovedEvents& other) {
        first_position = std::min(first_position, other.first_position);
        last_position = std::max(last_position, other.last_position);
        events += other.events;
        removed_time = std::max(removed_time, other.removed_time);
        if (!first_revision || !other.first_revision) return;
        first_revision = std::min(*first_revision, *other.first_revision);
        last_revision = std::max(*last_revision, *other.last_revision);
    }
    bool operator==(const RemovedEvents&) const = default;
};

}  // namespace annals::api
