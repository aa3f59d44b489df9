// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/load_kit/load_report.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace annals::load_kit {
namespace {

using testing::HasSubstr;
using testing::Not;

LoadResult sample_result() {
    LoadResult result;
    result.profile.name = "sample";
    result.profile.what = "Small & <plain>";
    result.tag = "t1";
    for (const char* const name : {"a", "b c"}) {
        Actor asked;
        asked.name = name;
        result.profile.actors.push_back(asked);
        ActorResult actor;
        actor.name = name;
        actor.category = "load_t1";
        for (int i = 1; i <= 1'000; ++i) {
            actor.latency.record(i);
            actor.service.record(i);
        }
        actor.all.done = actor.measured.done = 998;
        actor.all.errors = actor.measured.errors = 2;
        actor.all.by_code["unavailable"] = 2;
        actor.measured_seconds = 2;
        actor.points.push_back({0, 1, 600, 600, 0, 0, 500, 990, 1'000});
        actor.points.push_back({1, 1, 400, 400, 2, 0, 400, 900, 1'000});
        result.actors.push_back(std::move(actor));
    }
    result.checks = {{"stored: load_t1", true, "fine"}, {"answers", false, "1 <wrong>"}};
    result.log = "#[Histogram log format version 1.3]\n";
    return result;
}

std::string text_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST(LoadReport, SaysAllInJson) {
    const auto json = nlohmann::json::parse(report_json(sample_result()));
    EXPECT_EQ(json["profile"], "sample");
    EXPECT_EQ(json["checked"]["held"], false);
    EXPECT_EQ(json["checked"]["checks"][1]["said"], "1 <wrong>");
    ASSERT_EQ(json["actors"].size(), 2U);
    const auto& actor = json["actors"][0];
    EXPECT_EQ(actor["counts"]["operations"], 1'000);
    EXPECT_EQ(actor["counts"]["by_code"]["unavailable"], 2);
    EXPECT_EQ(actor["per_second"], 500.0);
    EXPECT_EQ(actor["latency_us"]["p99"], 990);
    EXPECT_EQ(actor["latency_us"]["max"], 1'000);
    EXPECT_EQ(actor["points"].size(), 2U);
    // Both append: one sum of two.
    EXPECT_EQ(json["operations"]["append"]["measured"]["operations"], 2'000);
    EXPECT_EQ(json["operations"]["append"]["latency_us"]["count"], 2'000);
}

TEST(LoadReport, IsAPageThatNeedsNothingElse) {
    const std::string html = report_html(sample_result());
    EXPECT_THAT(html, HasSubstr("Small &amp; &lt;plain&gt;"));
    EXPECT_THAT(html, HasSubstr("1 &lt;wrong&gt;"));
    EXPECT_THAT(html, HasSubstr("Not all checks hold."));
    EXPECT_THAT(html, HasSubstr("<td class=\"t\">unavailable</td><td>2</td>"));
    EXPECT_THAT(html, Not(HasSubstr("nan")));
    EXPECT_THAT(html, Not(HasSubstr("<script")));
    EXPECT_THAT(html, Not(HasSubstr("src=")));
    EXPECT_THAT(html, Not(HasSubstr("href=")));
    std::size_t plots = 0;
    for (std::size_t at = html.find("<svg"); at != std::string::npos;
         at = html.find("<svg", at + 1)) {
        ++plots;
    }
    EXPECT_EQ(plots, 4U);
}

TEST(LoadReport, IsDrawnOfNothingToo) {
    LoadResult result;
    result.profile.name = "nothing";
    EXPECT_THAT(report_html(result), Not(HasSubstr("nan")));
}

TEST(LoadReport, ReplacesTheOneBefore) {
    namespace fs = std::filesystem;
    const fs::path top = fs::path(testing::TempDir()) / "annals_load_report_test";
    fs::remove_all(top);
    fs::create_directories(top / "sample");
    std::ofstream(top / "sample" / "gone.hgrm") << "old";
    std::ofstream(top / "sample" / "kept.txt") << "mine";
    const auto folder = write_load_report(top.string(), sample_result());
    ASSERT_TRUE(folder) << folder.error().message();
    EXPECT_EQ(*folder, (top / "sample").string());
    EXPECT_FALSE(fs::exists(top / "sample" / "gone.hgrm"));
    EXPECT_TRUE(fs::exists(top / "sample" / "kept.txt"));
    EXPECT_TRUE(nlohmann::json::accept(text_of(top / "sample" / "report.json")));
    EXPECT_THAT(text_of(top / "sample" / "b-c.hgrm"), HasSubstr("#[Max     =     1000.000"));
    EXPECT_TRUE(text_of(top / "sample" / "load.hlog").starts_with("#[Histogram log format"));
    EXPECT_TRUE(text_of(top / "sample" / "report.html").starts_with("<!DOCTYPE html>"));
    fs::remove_all(top);
}

TEST(LoadReport, NamesTheFolderThatCannotBeMade) {
    const auto written = write_load_report("/proc/nowhere", sample_result());
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code(), ErrorCode::kIoError);
    EXPECT_EQ(written.error().field("path"), "/proc/nowhere/sample");
}

}  // namespace
}  // namespace annals::load_kit
