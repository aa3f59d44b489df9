// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "figures.hpp"

#include <map>

namespace users {
namespace {

using Labels = std::map<std::string, std::string>;

const prometheus::Histogram::BucketBoundaries kSeconds = {
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10
};

Labels labels_of(const std::string& method) {
    return {
        {"grpc_type", "unary"},
        {"grpc_service", "contracts.users.UserService"},
        {"grpc_method", method},
    };
}

double seconds(std::chrono::nanoseconds took) {
    return std::chrono::duration<double>(took).count();
}

auto& counter(prometheus::Registry& registry, const char* name, const char* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

auto& histogram(prometheus::Registry& registry, const char* name, const char* help) {
    return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

}  // namespace

Figures::Figures()
    : grpc_started_(counter(registry_, "grpc_server_started_total", "RPCs started")),
      grpc_received_(counter(registry_, "grpc_server_msg_received_total", "Messages received")),
      grpc_handled_(counter(registry_, "grpc_server_handled_total", "RPCs completed, by code")),
      grpc_sent_(counter(registry_, "grpc_server_msg_sent_total", "Messages sent")),
      grpc_seconds_(
          histogram(registry_, "grpc_server_handling_seconds", "Time until an RPC was answered")
      ),
      http_answers_(counter(registry_, "users_http_answers_total", "HTTP answers, by status")),
      http_seconds_(
          histogram(registry_, "users_http_duration_seconds", "Time until a request was answered")
      ) {}

void Figures::grpc_started(const std::string& method) {
    grpc_started_.Add(labels_of(method)).Increment();
    grpc_received_.Add(labels_of(method)).Increment();
}

void Figures::grpc_handled(
    const std::string& method, const std::string& code, std::chrono::nanoseconds took
) {
    Labels labels = labels_of(method);
    grpc_seconds_.Add(labels, kSeconds).Observe(seconds(took));
    if (code == "OK") grpc_sent_.Add(labels).Increment();
    labels["grpc_code"] = code;
    grpc_handled_.Add(labels).Increment();
}

void Figures::http_answered(
    const std::string& route, unsigned status, std::chrono::nanoseconds took
) {
    http_answers_.Add({{"route", route}, {"code", std::to_string(status)}}).Increment();
    http_seconds_.Add({{"route", route}}, kSeconds).Observe(seconds(took));
}

std::vector<prometheus::MetricFamily> Figures::collect() const { return registry_.Collect(); }

}  // namespace users
