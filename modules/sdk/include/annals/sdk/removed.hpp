// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <optional>

#include "annals/base/named_type.hpp"

namespace annals {

/// Tells of events of what was asked for that are gone: retention, deletion or compaction hid them
/// and their space was freed. No event between these positions was given. Reads and subscriptions
/// of a stream also count what its metadata hide, whether its space was freed yet or not; the
/// positions are bounds then.
struct Removed {
    Position first_position;  ///< inclusive, as the last one; the lower one in reads backwards, too
    Position last_position;
    std::uint64_t events = 0;                ///< of what was asked for
    std::optional<Revision> first_revision;  ///< both, or none: of a stream
    std::optional<Revision> last_revision;
    std::optional<TimeNs> time;  ///< of the newest removal that is known of
    /// Nobody knows whether events removed here were asked for: their tags are forgotten. Only for
    /// selections by tags; `events` is 0 then.
    bool is_uncertain = false;

    bool operator==(const Removed&) const = default;
};

}  // namespace annals
