// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "door_metrics.hpp"

#include <algorithm>
#include <string>

namespace annals::http_door::detail {

DoorMetrics::DoorMetrics(telemetry::Metrics* metrics) {
    if (metrics == nullptr) return;
    for (std::size_t i = 0; i < answers_.size(); ++i) {
        answers_[i] = metrics->counter(
            "annals_http_answers_total",
            "Answers by class of status.",
            {{"code", std::to_string(i + 1) + "xx"}}
        );
    }
    duration_ = metrics->histogram(
        "annals_http_duration_seconds",
        "From a request to the beginning of its answer; what waits on purpose (`wait`) included.",
        telemetry::duration_bounds()
    );
    connections_ = metrics->gauge("annals_http_connections", "Connections that are open.");
    refused_ = metrics->counter(
        "annals_http_connections_refused_total", "Connections that were more than allowed."
    );
}

void DoorMetrics::count_answer(int status, double seconds) const {
    duration_.observe(seconds);
    const auto index = static_cast<std::size_t>(std::clamp(status / 100, 1, 5) - 1);
    answers_[index].add();
}

}  // namespace annals::http_door::detail
