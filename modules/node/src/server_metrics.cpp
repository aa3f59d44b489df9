// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "server_metrics.hpp"

#include <utility>
#include <vector>

#include "annals/node/node.hpp"

namespace annals::node {

ServerMetrics::ServerMetrics() : process_(telemetry::add_process_metrics(metrics_)) {
    metrics_
        .gauge(
            "annals_build_info",
            "Always 1; the program's version is a label.",
            {{"version", program_version()}}
        )
        .set(1);
}

ServerMetrics::Method& ServerMetrics::method_of(std::string_view service, std::string_view method) {
    const auto found = methods_.find({std::string(service), std::string(method)});
    if (found != methods_.end()) return found->second;
    Method made;
    made.full_name = std::string(service) + "/" + std::string(method);
    made.duration = metrics_.histogram(
        "annals_rpc_duration_seconds",
        "How long calls took.",
        telemetry::duration_bounds(),
        {{"method", made.full_name}}
    );
    return methods_.emplace(std::pair(service, method), std::move(made)).first->second;
}

void ServerMetrics::on_call(
    std::string_view service, std::string_view method, int code, double seconds
) {
    const std::lock_guard lock(mutex_);
    Method& called = method_of(service, method);
    const auto [handled, is_new] = called.handled.try_emplace(code);
    if (is_new) {
        handled->second = metrics_.counter(
            "annals_rpc_handled_total",
            "Calls that ended, by method and gRPC status code.",
            {{"method", called.full_name}, {"code", std::to_string(code)}}
        );
    }
    handled->second.add();
    called.duration.observe(seconds);
}

}  // namespace annals::node
