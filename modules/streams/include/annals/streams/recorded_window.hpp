// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <algorithm>

#include "annals/commit/orderer.hpp"
#include "annals/model/query.hpp"

namespace annals::streams {

/// The positions that lie within a filter's recorded times: one run, because recorded time never
/// goes backwards (log-and-rules 2.6).
///
/// Cost: nothing without times; with them a search of the log (O(log n) reads) each, not again once
/// the answer lies in what is visible. One thread at a time; the orderer must outlive it.
class RecordedWindow {
  public:
    /// Both ends inclusive; `first` beyond `last`: none.
    struct Bounds {
        Position first;
        Position last;

        [[nodiscard]] bool holds(Position position) const {
            return first <= position && position <= last;
        }
    };

    RecordedWindow(const commit::Orderer& orderer, const model::Filter& filter)
        : orderer_(orderer), since_(filter.recorded_since), until_(filter.recorded_until) {
        if (since_.value == 0) bounds_.first = Position(1);
        is_first_known_ = since_.value == 0;
    }

    /// As of a visible position.
    Result<Bounds> as_of(Position visible) {
        Bounds bounds{bounds_.first, visible};
        if (!is_first_known_) {
            ANNALS_TRY(bounds.first, orderer_.log().find_time(since_));
            is_first_known_ = bounds.first <= visible;
            if (is_first_known_) bounds_.first = bounds.first;
        }
        if (until_.value == 0) return bounds;
        if (bounds_.last.value == 0) {
            ANNALS_TRY(const Position behind, orderer_.log().find_time(until_));
            if (behind > visible) return bounds;
            if (behind.value == 1) return Bounds{Position(2), Position(1)};
            bounds_.last = Position(behind.value - 1);
        }
        bounds.last = std::min(bounds_.last, visible);
        return bounds;
    }

  private:
    const commit::Orderer& orderer_;
    const TimeNs since_;
    const TimeNs until_;
    bool is_first_known_ = false;
    Bounds bounds_;  ///< what is known for good; a last of 0: nothing
};

}  // namespace annals::streams
