// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/telemetry/metrics.hpp"

#include <ctime>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace annals::telemetry {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Value of the line that begins with `name` and a blank.
double value_of(const std::string& text, const std::string& name) {
    const std::size_t at = ("\n" + text).find("\n" + name + " ");
    EXPECT_NE(at, std::string::npos) << name << " is not in\n" << text;
    return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size() + 1));
}

TEST(Metrics, CountsAndShowsHelpKindAndLabels) {
    Metrics metrics;
    const Counter counter = metrics.counter(
        "annals_append_events_total", "Events appended.", {{"namespace", "de\"f"}}
    );
    counter.add();
    counter.add(2);
    const std::string text = metrics.expose();
    EXPECT_THAT(text, HasSubstr("# HELP annals_append_events_total Events appended.\n"));
    EXPECT_THAT(text, HasSubstr("# TYPE annals_append_events_total counter\n"));
    EXPECT_THAT(text, HasSubstr("annals_append_events_total{namespace=\"de\\\"f\"} 3"));
}

TEST(Metrics, GivesTheSameCellForTheSameLabelsInAnyOrder) {
    Metrics metrics;
    const Gauge one = metrics.gauge("annals_x_ratio", "x", {{"a", "1"}, {"b", "2"}});
    const Gauge two = metrics.gauge("annals_x_ratio", "x", {{"b", "2"}, {"a", "1"}});
    one.set(1.5);
    two.add(1);
    EXPECT_DOUBLE_EQ(one.value(), 2.5);
    EXPECT_THAT(metrics.expose(), HasSubstr("annals_x_ratio{a=\"1\",b=\"2\"} 2.5"));
}

TEST(Metrics, SpreadsObservationsOverCumulativeBuckets) {
    Metrics metrics;
    const Histogram histogram = metrics.histogram("annals_x_seconds", "x", {0.1, 1});
    for (const double value : {0.05, 0.1, 0.5, 7.0}) histogram.observe(value);
    const std::string text = metrics.expose();
    EXPECT_EQ(value_of(text, "annals_x_seconds_bucket{le=\"0.1\"}"), 2);
    EXPECT_EQ(value_of(text, "annals_x_seconds_bucket{le=\"1\"}"), 3);
    EXPECT_EQ(value_of(text, "annals_x_seconds_bucket{le=\"+Inf\"}"), 4);
    EXPECT_EQ(value_of(text, "annals_x_seconds_count"), 4);
    EXPECT_DOUBLE_EQ(value_of(text, "annals_x_seconds_sum"), 7.65);
}

TEST(Metrics, AsksCallbacksAtEachScrapeUntilTheyEnd) {
    Metrics metrics;
    double value = 1;
    {
        Metrics::Callback first = metrics.gauge_callback("annals_lag_events", "x", [&] {
            return value;
        });
        const Metrics::Callback kept = std::move(first);
        EXPECT_EQ(value_of(metrics.expose(), "annals_lag_events"), 1);
        value = 2;
        EXPECT_EQ(value_of(metrics.expose(), "annals_lag_events"), 2);
    }
    EXPECT_THAT(metrics.expose(), Not(HasSubstr("annals_lag_events")));
    const auto again = metrics.gauge_callback("annals_lag_events", "x", [] { return 3.0; });
    EXPECT_EQ(value_of(metrics.expose(), "annals_lag_events"), 3);
}

TEST(Metrics, LosesNoAddOfManyThreads) {
    Metrics metrics;
    const Counter counter = metrics.counter("annals_x_total", "x");
    const Histogram histogram = metrics.histogram("annals_x_seconds", "x", duration_bounds());
    std::vector<std::thread> threads;
    threads.reserve(4);
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 10'000; ++i) {
                counter.add();
                histogram.observe(1);
            }
        });
    }
    (void)metrics.expose();
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(counter.value(), 40'000u);
    EXPECT_EQ(value_of(metrics.expose(), "annals_x_seconds_sum"), 40'000);
}

TEST(Metrics, ADefaultMadeHandleCountsNowhere) {
    const Counter counter;
    const Gauge gauge;
    const Histogram histogram;
    counter.add();
    gauge.set(1);
    histogram.observe(1);
    EXPECT_EQ(counter.value(), 0u);
    EXPECT_EQ(gauge.value(), 0);
}

TEST(MetricsDeathTest, RefusesOneNameOfTwoKinds) {
    Metrics metrics;
    (void)metrics.counter("annals_x_total", "x");
    EXPECT_DEATH((void)metrics.gauge("annals_x_total", "x"), "one kind");
    EXPECT_DEATH((void)metrics.gauge("annals x", "x"), "name");
}

TEST(Metrics, BoundsRise) {
    for (const auto& bounds : {duration_bounds(), byte_bounds(), count_bounds()}) {
        EXPECT_TRUE(std::is_sorted(bounds.begin(), bounds.end()));
        EXPECT_GE(bounds.size(), 9u);
    }
}

TEST(ProcessMetrics, SpeakOfThisProcess) {
    Metrics metrics;
    const auto callbacks = add_process_metrics(metrics);
    const std::string text = metrics.expose();
    EXPECT_GT(value_of(text, "process_resident_memory_bytes"), 1e6);
    EXPECT_GT(value_of(text, "process_virtual_memory_bytes"), 1e6);
    EXPECT_GE(value_of(text, "process_open_fds"), 3);
    EXPECT_GE(value_of(text, "process_max_fds"), value_of(text, "process_open_fds"));
    EXPECT_GE(value_of(text, "process_cpu_seconds_total"), 0);
    const double start = value_of(text, "process_start_time_seconds");
    EXPECT_NEAR(start, static_cast<double>(std::time(nullptr)), 3600);
}

}  // namespace
}  // namespace annals::telemetry
