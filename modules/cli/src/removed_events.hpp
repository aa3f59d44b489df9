// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "annals/api/removed_events.hpp"
#include "annals/base/named_type.hpp"

#include "printer.hpp"

namespace annals::cli {

/// What is said of removed events in one line: "7 events are gone (positions 3 to 9)".
std::string removed_text(const api::RemovedEvents& removed);
/// The same for programs; as the HTTP door writes it.
Json removed_to_json(const api::RemovedEvents& removed);

/// Removed events in their places between events that are given in order, forwards or backwards.
class RemovedBetween {
  public:
    RemovedBetween(const std::vector<api::RemovedEvents>& removed, bool is_forwards)
        : removed_(removed), is_forwards_(is_forwards) {}

    /// Visits those before the event at the position that were not visited yet.
    template <typename Visit>
    void before(Position position, Visit visit) {
        for (; next_ < removed_.size() && is_before(removed_[next_], position); ++next_)
            visit(removed_[next_]);
    }
    /// Visits the others.
    template <typename Visit>
    void rest(Visit visit) {
        for (; next_ < removed_.size(); ++next_) visit(removed_[next_]);
    }

  private:
    [[nodiscard]] bool is_before(const api::RemovedEvents& one, Position position) const {
        return is_forwards_ ? one.last_position < position : one.first_position > position;
    }

    const std::vector<api::RemovedEvents>& removed_;
    bool is_forwards_;
    std::size_t next_ = 0;
};

}  // namespace annals::cli
