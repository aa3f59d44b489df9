// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "annals/base/named_type.hpp"
#include "annals/streams/envelope_filter.hpp"

namespace annals::subscriptions {

/// A subscription as the hub sees it: what it waits for, and whom to call.
///
///     kReading --arm--> kArmed --an event concerns it, or a checkpoint is due--> kReady --its
///     turn--> kReading
///
/// In kReading the reader owns it, otherwise the hub (under its mutex).
struct Waiter {
    enum class State : std::uint8_t { kReading, kArmed, kReady };

    // Before the first frame.
    std::string_view stream;  ///< one of the two
    const streams::EnvelopeFilter* filter = nullptr;
    std::function<void()> waker;

    // Set by the reader when it arms.
    Position position;        ///< looked at everything up to here
    Position reported;        ///< the last frame said so
    Position due_position;    ///< a checkpoint is due once nothing matched up to here
    std::int64_t due_ns = 0;  ///< or at this time

    // The hub's.
    std::atomic<State> state = State::kReading;
    Position skip_to;  ///< nothing up to here matches
    std::multimap<std::uint64_t, Waiter*>::iterator by_position;
    std::multimap<std::int64_t, Waiter*>::iterator by_time;

    /// For the statistics alone: position as of the last try_next.
    std::atomic<std::uint64_t> last_position{0};
};

}  // namespace annals::subscriptions
