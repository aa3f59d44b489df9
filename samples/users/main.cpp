// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <chrono>
#include <string>

#include <spdlog/spdlog.h>

#include "annals/annals.hpp"

#include "figures.hpp"
#include "grpc_door.hpp"
#include "http_door.hpp"
#include "registration.hpp"
#include "samples/exposition.hpp"
#include "samples/health.hpp"
#include "samples/http_server.hpp"
#include "samples/program.hpp"
#include "samples/stop_signals.hpp"
#include "user_store.hpp"

namespace {

/// How long calls under way may take to end after SIGTERM.
constexpr std::chrono::seconds kPatience{10};

struct Options {
    samples::Where where = {.http = "127.0.0.1:8080"};
    std::string grpc = "127.0.0.1:9090";
    std::uint32_t timeout_ms = 1'000;
};

void serve(const Options& options) {
    const samples::StopSignals stop;
    const annals::Client client = annals::connect(
        samples::parse_address(options.where.store).to_string(),
        {.name_space = options.where.name_space}
    );
    const users::UserStore store(client, std::chrono::milliseconds(options.timeout_ms));
    users::Figures figures;
    samples::Router router;
    users::add_user_routes(router, store);
    samples::add_health_routes(router, client);
    samples::add_metrics_route(router, [&] { return figures.collect(); });
    router.observe([&](const std::string& route, unsigned status, auto took) {
        figures.http_answered(route, status, took);
    });

    users::GrpcDoor grpc(samples::parse_address(options.grpc), store, figures);
    const samples::Address http_address = samples::parse_address(options.where.http);
    samples::HttpServer http(http_address, [&](const samples::HttpRequest& request) {
        return router.answer(request);
    });
    const users::Registration registration(store);
    samples::say_ready(
        "annals-users",
        "grpc " +
            samples::Address{samples::parse_address(options.grpc).host, grpc.port()}.to_string() +
            ", http " + samples::Address{http_address.host, http.port()}.to_string()
    );
    stop.wait();
    spdlog::info("stopping: calls under way may take {} s", kPatience.count());
    http.stop(kPatience);
    grpc.stop(kPatience);
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    samples::Program program(
        "annals-users",
        "eskit's users service (gRPC and REST) on an annals server.",
        options.where,
        "where the users are"
    );
    program.flags()
        .add_option("--grpc", options.grpc, "HOST:PORT for gRPC; port 0 takes a free one")
        ->capture_default_str();
    program.flags()
        .add_option("--timeout-ms", options.timeout_ms, "how long a request may wait for the store")
        ->capture_default_str()
        ->check(CLI::Range(1u, 600'000u));
    program.flags().footer(
        "Example:\n"
        "  annals serve --data ./data\n"
        "  annals-users --store 127.0.0.1:7400 --grpc 127.0.0.1:9090 --http 127.0.0.1:8080\n"
        "  curl http://127.0.0.1:8080/v1/users --json '{\"email\":\"ada@example.com\"}'\n"
        "SIGTERM lets calls under way end, and stops it."
    );
    return program.run(argc, argv, [&] { serve(options); });
}
