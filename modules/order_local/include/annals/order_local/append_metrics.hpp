// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string_view>

#include "annals/base/error.hpp"
#include "annals/base/error_code.hpp"
#include "annals/telemetry/metrics.hpp"

namespace annals::order_local {

/// What was written and synced at once.
struct GroupFigures {
    std::size_t appends = 0;  ///< accepted ones
    std::size_t events = 0;
    std::size_t bytes = 0;  ///< of the events' records as they lie in the log
};

/// What one log counts of its appends, under `annals_append_…` and `annals_log_…`; a default-made
/// one counts nowhere. Appends and events are added up per group, not one by one. Any thread.
class AppendMetrics {
  public:
    AppendMetrics() = default;
    /// `log`: "events" or "system". The registry must outlive this.
    AppendMetrics(telemetry::Metrics& metrics, std::string_view name_space, std::string_view log);

    void count_group(const GroupFigures& group) const;
    void count_replay() const { replays_.add(); }
    /// By the error's name; failed checks also by their kind.
    void count_refusal(const Error& error);
    /// From submit to answer, whatever the answer.
    void observe_duration(std::int64_t ns) const { duration_.observe(seconds(ns)); }
    void observe_sync(std::int64_t ns) const { sync_.observe(seconds(ns)); }

  private:
    static double seconds(std::int64_t ns) { return static_cast<double>(ns) / 1e9; }

    telemetry::Metrics* metrics_ = nullptr;
    telemetry::Labels labels_;
    telemetry::Counter appends_;
    telemetry::Counter replays_;
    telemetry::Counter events_;
    telemetry::Counter bytes_;
    telemetry::Counter failed_stream_checks_;
    telemetry::Counter failed_query_checks_;
    telemetry::Histogram duration_;
    telemetry::Histogram sync_;
    telemetry::Histogram group_appends_;
    telemetry::Histogram group_events_;
    std::mutex refusals_mutex_;
    std::map<ErrorCode, telemetry::Counter> refusals_;
};

}  // namespace annals::order_local
