// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "figure.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include "annals/bench_kit/bench.hpp"

#include "bare_log.hpp"
#include "report.hpp"

namespace annals::bench_kit {
namespace {

Figure sample(double ratio, Better better) {
    Figure figure;
    figure.name = "append_64";
    figure.value = 40'123.456;
    figure.unit = "appends/s";
    figure.ceiling = 50'000;
    figure.ratio = ratio;
    figure.goal = 0.8;
    figure.better = better;
    return figure;
}

TEST(Figure, PrintsOneJsonLine) {
    EXPECT_EQ(
        sample(0.8024, Better::kHigher).json_line(),
        R"({"figure":"append_64","value":40123.0,"unit":"appends/s","ceiling":50000.0,)"
        R"("ratio":0.802,"goal":">= 0.8","met":true})"
    );
}

TEST(Figure, KnowsWhichWayIsBetter) {
    EXPECT_FALSE(sample(0.79, Better::kHigher).is_met());
    EXPECT_TRUE(sample(0.79, Better::kLower).is_met());
    EXPECT_FALSE(sample(0.81, Better::kLower).is_met());
}

TEST(Figure, AValueBetterThanItsBoundIsNeverMet) {
    Figure rate = sample(1.2, Better::kHigher);
    rate.value = 60'000;  // the ceiling is 50,000
    EXPECT_TRUE(rate.is_met());
    rate.is_bounded = true;
    EXPECT_FALSE(rate.is_met());
    EXPECT_NE(table_text({rate}).find("not measurable"), std::string::npos);

    Figure latency = sample(0.07, Better::kLower);
    latency.value = 289;
    latency.ceiling = 4'306;
    latency.is_bounded = true;
    EXPECT_FALSE(latency.is_met());
    latency.value = 4'400;
    latency.ratio = 1.02;
    latency.goal = 1.2;
    EXPECT_TRUE(latency.is_met());
}

TEST(Figure, WithoutAGoalItInforms) {
    Figure figure = sample(9, Better::kLower);
    figure.goal = 0;
    EXPECT_TRUE(figure.is_met());
    EXPECT_NE(figure.json_line().find(R"("goal":"none")"), std::string::npos);
}

TEST(Figure, ReportsHoldEveryFigure) {
    const std::vector<Figure> figures{sample(0.9, Better::kHigher), sample(0.5, Better::kHigher)};
    const std::string table = table_text(figures);
    EXPECT_NE(table.find("| yes |"), std::string::npos);
    EXPECT_NE(table.find("| **no** |"), std::string::npos);
    const std::string svg = plot_svg(figures);
    EXPECT_NE(svg.find("#2f855a"), std::string::npos);
    EXPECT_NE(svg.find("#c05621"), std::string::npos);
}

TEST(Figure, PercentilesOfFewValues) {
    std::vector<double> values{5, 1, 3};
    EXPECT_EQ(percentile(values, 0.5), 3);
    EXPECT_EQ(percentile(values, 0), 1);
    EXPECT_EQ(percentile(values, 1), 5);
    EXPECT_EQ(median({}), 0);
}

TEST(Figure, NumbersAreShort) {
    EXPECT_EQ(number_text(58'123), "58,123");
    EXPECT_EQ(number_text(1'234'567), "1,234,567");
    EXPECT_EQ(number_text(0.8321), "0.832");
    EXPECT_EQ(number_text(151.4), "151");
}

TEST(BareLog, MeasuresAndLeavesNothingBehind) {
    const std::string directory = ::testing::TempDir();
    std::vector<double> latencies_us;
    {
        const auto log = BareLog::open(directory);
        ASSERT_TRUE(log) << log.error().to_string();
        ASSERT_TRUE((*log)->measure(1'000, 0.01, latencies_us));
        EXPECT_FALSE(latencies_us.empty());
    }
    EXPECT_FALSE(std::filesystem::exists(directory + "/bare-log.tmp"));
    EXPECT_FALSE(BareLog::open(directory + "/nowhere"));
}

}  // namespace
}  // namespace annals::bench_kit
