// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>

#include "annals/base/named_type.hpp"

namespace annals {

/// Where time comes from, so that tests move it by hand. Safe from any thread, never throws.
class Clock {
  public:
    Clock() = default;
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;
    virtual ~Clock() = default;

    /// Wall clock, UTC. May jump.
    [[nodiscard]] virtual TimeNs now() const = 0;
    /// Nanoseconds from an arbitrary start; never goes backwards.
    [[nodiscard]] virtual std::int64_t monotonic_ns() const = 0;
};

/// The machine's clocks.
class SystemClock final : public Clock {
  public:
    [[nodiscard]] TimeNs now() const override;
    [[nodiscard]] std::int64_t monotonic_ns() const override;
};

/// One shared SystemClock; lives as long as the program.
const Clock& system_clock();

}  // namespace annals
