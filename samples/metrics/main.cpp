// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <chrono>
#include <string>

#include <spdlog/spdlog.h>

#include "annals/annals.hpp"

#include "counter.hpp"
#include "samples/exposition.hpp"
#include "samples/health.hpp"
#include "samples/http_server.hpp"
#include "samples/program.hpp"
#include "samples/stop_signals.hpp"
#include "series.hpp"

namespace {

/// How long requests under way may take to end after SIGTERM.
constexpr std::chrono::seconds kPatience{5};

struct Options {
    samples::Where where = {.http = "127.0.0.1:8888"};
    std::string state_namespace = "annals-metrics";
    std::string consumer = "metrics";
    std::uint32_t save_interval_ms = 5'000;
};

void serve(const Options& options) {
    if (options.state_namespace == options.where.name_space) {
        throw samples::BadFlags(
            "--state-namespace is \"" + options.where.name_space +
            "\", the one that is counted: each save would be counted, and saved; name another"
        );
    }
    samples::Address address = samples::parse_address(options.where.http);
    const samples::StopSignals stop;
    const annals::Client client = annals::connect(
        samples::parse_address(options.where.store).to_string(),
        {.name_space = options.where.name_space, .timeout = std::chrono::milliseconds(5'000)}
    );
    metrics::Counter counter(
        client,
        metrics::CountStore(
            client, options.state_namespace, options.consumer, options.where.name_space
        ),
        std::chrono::milliseconds(options.save_interval_ms)
    );
    samples::Router router;
    samples::add_metrics_route(router, [&] {
        return metrics::series_of(counter.progress(), options.where.name_space);
    });
    samples::add_health_routes(router, client, [&] {
        const metrics::Progress progress = counter.progress();
        if (progress.is_live) return std::string();
        return "history is being counted, up to position " + std::to_string(progress.count.last) +
               " so far";
    });
    samples::HttpServer http(address, [&](const samples::HttpRequest& request) {
        return router.answer(request);
    });
    address.port = http.port();
    samples::say_ready("annals-metrics", "http " + address.to_string());
    stop.wait();
    spdlog::info("stopping: the totals are saved once more");
    http.stop(kPatience);
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    samples::Program program(
        "annals-metrics",
        "Counts the events of an annals log for Prometheus.",
        options.where,
        "what is counted"
    );
    program.flags()
        .add_option("--state-namespace", options.state_namespace, "where the totals are kept")
        ->capture_default_str();
    program.flags()
        .add_option("--consumer", options.consumer, "the name that they are kept under")
        ->capture_default_str()
        ->envname("CONSUMER_NAME");
    program.flags()
        .add_option("--save-interval-ms", options.save_interval_ms, "least time between two saves")
        ->capture_default_str()
        ->check(CLI::Range(10u, 3'600'000u));
    program.flags().footer(
        "Example:\n"
        "  annals serve --data ./data\n"
        "  annals-metrics --store 127.0.0.1:7400 --http 127.0.0.1:8888\n"
        "  curl http://127.0.0.1:8888/metrics\n"
        "SIGTERM saves the totals, and stops it."
    );
    return program.run(argc, argv, [&] { serve(options); });
}
