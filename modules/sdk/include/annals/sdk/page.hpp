// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "annals/sdk/event.hpp"
#include "annals/sdk/removed.hpp"

namespace annals {

/// A part of a read.
struct Page {
    std::vector<Event> events;
    std::string position;                   ///< token up to which the page speaks
    bool is_end = false;                    ///< there was nothing more in this direction
    std::string next;                       ///< go on with After; empty at the end of a stream
    std::optional<Revision> last_revision;  ///< of the stream
    /// What the page passed over, in the order of the read: it lies between the events. Pages that
    /// follow each other tell of each event once.
    std::vector<Removed> removed;
};

/// What a subscription gives at once: events, or only a new place.
struct Batch {
    std::vector<Event> events;
    std::string position;  ///< everything up to it was given, or did not match: go on with After
    bool is_live = false;  ///< history ends here: what follows is new
    /// What was passed over since the batch before, up to `position`, before the last of `events`.
    std::vector<Removed> removed;
};

}  // namespace annals
