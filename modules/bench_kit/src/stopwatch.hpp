// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>

#include "annals/base/clock.hpp"

namespace annals::bench_kit {

class Stopwatch {
  public:
    [[nodiscard]] double seconds() const { return static_cast<double>(ns()) / 1e9; }
    [[nodiscard]] double micros() const { return static_cast<double>(ns()) / 1e3; }
    void restart() { started_ns_ = system_clock().monotonic_ns(); }

  private:
    [[nodiscard]] std::int64_t ns() const { return system_clock().monotonic_ns() - started_ns_; }

    std::int64_t started_ns_ = system_clock().monotonic_ns();
};

}  // namespace annals::bench_kit
