// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>

#include "annals/base/result.hpp"
#include "annals/index/index.hpp"
#include "annals/log/segment_log.hpp"

namespace annals::order_local {

/// What can still be said of events that were lost to damage: where a stream goes on with a
/// revision that does not follow, the missing ones are among the lost positions between. The
/// index needs dense revisions, and readers of the stream are to meet the hole.
///
/// Which of several lost positions was which stream's is not known: each goes to the stream that
/// needs one first, which serves all of them (earliest deadline first).
class LostEvents {
  public:
    struct Event {
        std::string stream;
        Revision revision;
    };

    /// Looks at the log from `first` to its durable end. `index` knows what lies before `unfed`,
    /// `unfed` are the events from there to `first`. Reads all of that part of the log; memory for
    /// the names of its streams. data_loss: revisions are missing where nothing was lost.
    static Result<LostEvents> find(
        const log::SegmentLog& log,
        const index::Index& index,
        std::span<const index::IndexedEvent> unfed,
        Position first
    );

    /// The stream that misses an event, or null.
    [[nodiscard]] const Event* at(Position position) const;

  private:
    std::map<Position, Event> events_;
};

}  // namespace annals::order_local
