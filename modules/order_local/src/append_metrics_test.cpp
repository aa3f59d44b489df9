// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/order_local/append_metrics.hpp"

#include <future>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "annals/commit/testing/test_append.hpp"
#include "annals/order_local/local_orderer.hpp"

#include "gated_file_system.hpp"

namespace annals::order_local {
namespace {

using commit::testing::Answer;
using commit::testing::append_of;
using commit::testing::by_tag;
using commit::testing::expecting;
using commit::testing::id_of;
using commit::testing::submit;
using commit::testing::TestAppend;
using commit::testing::unless;

class AppendMetricsTest : public ::testing::Test {
  protected:
    void open() {
        OrdererOptions options;
        options.log.segment_bytes = 256u << 10u;
        options.log.fill_bytes_min = 16u << 10u;
        options.log.fill_bytes_max = 64u << 10u;
        options.index.is_in_memory = true;
        options.metrics = std::make_shared<AppendMetrics>(metrics_, "default", "events");
        OpenReport report;
        auto opened = open_local_orderer(files_, "/log", options, memory_, report);
        ASSERT_TRUE(opened) << opened.error().to_string();
        orderer_ = std::move(*opened);
    }
    /// Value of the series; its labels are those of the log, `more` before them.
    double value(const std::string& name, const std::string& more = "") {
        const std::string series = "\n" + name + "{" + more +
                                   "log=\"events\",namespace=\"default\"} ";
        const std::string text = metrics_.expose();
        const std::size_t at = text.find(series);
        EXPECT_NE(at, std::string::npos) << series << " is not in\n" << text;
        return at == std::string::npos ? -1 : std::stod(text.substr(at + series.size()));
    }

    telemetry::Metrics metrics_;
    index::IndexMemory memory_{64u << 20u};
    GatedFileSystem files_;
    std::unique_ptr<commit::Orderer> orderer_;
};

TEST_F(AppendMetricsTest, CountsEachAnswerOnceByItsResult) {
    open();
    const TestAppend first = append_of({.stream = "a-1", .id = id_of(1), .tags = {"t:1"}});
    ASSERT_TRUE(submit(*orderer_, first).get());
    ASSERT_TRUE(submit(*orderer_, append_of({.stream = "a-1"})).get());
    ASSERT_TRUE(submit(*orderer_, first).get());
    const auto expected = model::ExpectedRevision::no_stream();
    ASSERT_FALSE(submit(*orderer_, expecting(append_of({.stream = "a-1"}), "a-1", expected)).get());
    ASSERT_FALSE(submit(*orderer_, unless(append_of({.stream = "b-1"}), by_tag("t:1"), "")).get());
    EXPECT_EQ(value("annals_appends_total", R"(code="ok",)"), 2);
    EXPECT_EQ(value("annals_appends_total", R"(code="replay",)"), 1);
    EXPECT_EQ(value("annals_appends_total", R"(code="conflict",)"), 2);
    EXPECT_EQ(value("annals_append_failed_checks_total", R"(check="stream",)"), 1);
    EXPECT_EQ(value("annals_append_failed_checks_total", R"(check="query",)"), 1);
    EXPECT_EQ(value("annals_append_events_total"), 2);
    EXPECT_GT(value("annals_append_bytes_total"), 0);
    EXPECT_EQ(value("annals_append_duration_seconds_count"), 5);
}

TEST_F(AppendMetricsTest, AGroupIsCountedOnceWithWhatItHeld) {
    open();
    files_.shut();
    std::vector<std::future<Answer>> answers;
    answers.push_back(submit(*orderer_, append_of({.stream = "a-1"})));
    files_.wait_for_waiting(1);
    for (int i = 0; i < 20; ++i) answers.push_back(submit(*orderer_, append_of({.stream = "a-1"})));
    files_.open_gate();
    for (auto& answer : answers) ASSERT_TRUE(answer.get());
    EXPECT_EQ(value("annals_log_group_appends_count"), 2);
    EXPECT_EQ(value("annals_log_group_appends_sum"), 21);
    EXPECT_EQ(value("annals_log_group_events_sum"), 21);
    EXPECT_EQ(value("annals_log_sync_duration_seconds_count"), 2);
}

TEST_F(AppendMetricsTest, WithoutARegistryNothingIsCounted) {
    AppendMetrics nowhere;
    nowhere.count_group({1, 1, 1});
    nowhere.count_refusal(Error(ErrorCode::kOverloaded, "full"));
    nowhere.observe_sync(1);
    EXPECT_EQ(metrics_.expose(), "");
}

}  // namespace
}  // namespace annals::order_local
