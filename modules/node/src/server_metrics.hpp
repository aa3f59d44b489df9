// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "annals/grpc_door/grpc_door.hpp"
#include "annals/telemetry/metrics.hpp"
#include "annals/telemetry/scrape.hpp"

namespace annals::node {

/// What `/metrics` shows of a server beside what its parts count: the program, the process, and the
/// calls by method and code. Names of namespaces are labels, names of streams never.
class ServerMetrics final : public grpc_door::RpcObserver {
  public:
    ServerMetrics();

    void on_call(std::string_view service, std::string_view method, int code, double seconds)
        override;

    /// Text for a scrape, with what was looked up for it.
    [[nodiscard]] std::string expose(const telemetry::Scrape& scrape) const {
        return metrics_.expose(scrape);
    }

    /// For parts that count themselves; lives as long as this.
    telemetry::Metrics& registry() { return metrics_; }

  private:
    struct Method {
        std::string full_name;
        telemetry::Histogram duration;
        std::map<int, telemetry::Counter> handled;  ///< by gRPC status code
    };
    Method& method_of(std::string_view service, std::string_view method);

    telemetry::Metrics metrics_;
    std::mutex mutex_;
    /// By name, so that a call costs a look-up and not the making of labels.
    std::map<std::pair<std::string, std::string>, Method> methods_;
    std::vector<telemetry::Metrics::Callback> process_;
};

}  // namespace annals::node
