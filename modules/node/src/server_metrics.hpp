// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "annals/base/named_type.hpp"
#include "annals/groups/consumer_groups.hpp"
#include "annals/grpc_door/grpc_door.hpp"
#include "annals/namespaces/namespaces.hpp"
#include "annals/telemetry/metrics.hpp"

namespace annals::node {

/// What `/metrics` shows of a server: calls by method and code, and for each open namespace its
/// end, its index and its subscriptions. Names of namespaces are labels, names of streams never.
class ServerMetrics final : public grpc_door::RpcObserver {
  public:
    ServerMetrics();

    void on_call(std::string_view service, std::string_view method, int code, double seconds)
        override;

    /// Text for a scrape; asks the namespaces for their state first. Null: while they are not open.
    std::string expose(
        const namespaces::Namespaces* namespaces, groups::DirectConsumerGroups* groups = nullptr
    );

    /// For parts that count themselves; lives as long as this.
    telemetry::Metrics& registry() { return metrics_; }

  private:
    struct Method {
        std::string full_name;
        telemetry::Histogram duration;
        std::map<int, telemetry::Counter> handled;  ///< by gRPC status code
    };
    void set_groups(groups::DirectConsumerGroups& groups);
    Method& method_of(std::string_view service, std::string_view method);

    telemetry::Metrics metrics_;
    std::mutex mutex_;
    /// By name, so that a call costs a look-up and not the making of labels.
    std::map<std::pair<std::string, std::string>, Method> methods_;
    std::vector<telemetry::Metrics::Callback> process_;
    std::mutex groups_mutex_;
    std::set<std::pair<std::string, std::string>> groups_;  ///< shown last: namespace, group
};

}  // namespace annals::node
