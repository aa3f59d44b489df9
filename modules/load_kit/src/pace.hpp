// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "annals/base/clock.hpp"

namespace annals::load_kit {

/// When the operations of an actor are due. Its lanes take turns; a turn taken late keeps its
/// time, so that what waits behind a stall is measured with the waiting (an open loop: the load
/// does not get lighter because the store got slower). Any thread.
class Pace {
  public:
    struct Plan {
        double rate = 0;               ///< a second; 0: a turn is due when it is taken
        std::uint64_t operations = 0;  ///< 0: any number
        std::int64_t start_ns = 0;     ///< monotonic; the first turn is due then
        std::int64_t end_ns = 0;       ///< no turn is due, and none is taken, at or after it
    };
    struct Turn {
        std::uint64_t number = 0;  ///< from 0; each is given once
        std::int64_t due_ns = 0;
    };

    Pace(const Plan& plan, const Clock& clock) : plan_(plan), clock_(clock) {}

    /// Nothing: there are no more. Does not wait: who takes a turn waits until it is due.
    std::optional<Turn> take();
    /// Turns that were due before `now_ns` and were not used; `abandoned` of those that were taken
    /// were not used either.
    [[nodiscard]] std::uint64_t missed(std::int64_t now_ns, std::uint64_t abandoned = 0) const;
    [[nodiscard]] std::uint64_t taken() const { return taken_.load(); }

  private:
    [[nodiscard]] std::int64_t due_of(std::uint64_t number) const;

    Plan plan_;
    const Clock& clock_;
    std::atomic<std::uint64_t> taken_{0};
};

}  // namespace annals::load_kit
