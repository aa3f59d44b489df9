// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

namespace users {

/// Calls of both doors, counted. gRPC under the names that eskit's services have: its dashboards
/// work. Labels are methods, routes and codes, so that their number is bounded. Any thread.
class Figures {
  public:
    Figures();

    void grpc_started(const std::string& method);
    void grpc_handled(
        const std::string& method, const std::string& code, std::chrono::nanoseconds took
    );
    void http_answered(const std::string& route, unsigned status, std::chrono::nanoseconds took);
    [[nodiscard]] std::vector<prometheus::MetricFamily> collect() const;

  private:
    prometheus::Registry registry_;
    prometheus::Family<prometheus::Counter>& grpc_started_;
    prometheus::Family<prometheus::Counter>& grpc_received_;
    prometheus::Family<prometheus::Counter>& grpc_handled_;
    prometheus::Family<prometheus::Counter>& grpc_sent_;
    prometheus::Family<prometheus::Histogram>& grpc_seconds_;
    prometheus::Family<prometheus::Counter>& http_answers_;
    prometheus::Family<prometheus::Histogram>& http_seconds_;
};

}  // namespace users
