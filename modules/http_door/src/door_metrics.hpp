// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <array>

#include "annals/telemetry/metrics.hpp"

namespace annals::http_door::detail {

/// What /metrics says about the door itself. Any thread.
class DoorMetrics {
  public:
    /// Null: nothing is counted.
    explicit DoorMetrics(telemetry::Metrics* metrics);

    void count_answer(int status, double seconds) const;
    void count_refused() const { refused_.add(); }
    /// One connection more, or one less.
    void add_connections(int count) const { connections_.add(count); }

  private:
    std::array<telemetry::Counter, 5> answers_;
    telemetry::Histogram duration_;
    telemetry::Gauge connections_;
    telemetry::Counter refused_;
};

}  // namespace annals::http_door::detail
