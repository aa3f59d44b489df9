// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/telemetry/logging.hpp"

#include <cmath>
#include <regex>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace annals::telemetry {
namespace {

class Logging : public testing::Test {
  public:
    ~Logging() override { configure_logging({}); }

  protected:
    void use(LogFormat format, LogLevel level = LogLevel::kInfo) {
        LogOptions options;
        options.level = level;
        options.format = format;
        options.sink = [this](std::string_view line) { lines_.emplace_back(line); };
        configure_logging(std::move(options));
    }

    nlohmann::json only_line() {
        EXPECT_EQ(lines_.size(), 1u);
        EXPECT_TRUE(lines_.at(0).ends_with("\n"));
        return nlohmann::json::parse(lines_.at(0));
    }

    std::vector<std::string> lines_;
};

TEST_F(Logging, WritesOneJsonObjectALine) {
    use(LogFormat::kJson);
    log_info(
        "segment sealed",
        {{"segment", 12}, {"bytes", 7u}, {"ratio", 0.5}, {"is_last", true}, {"why", "full"}}
    );
    const nlohmann::json line = only_line();
    EXPECT_EQ(line["event"], "segment sealed");
    EXPECT_EQ(line["level"], "info");
    EXPECT_EQ(line["segment"], 12);
    EXPECT_EQ(line["bytes"], 7);
    EXPECT_EQ(line["ratio"], 0.5);
    EXPECT_EQ(line["is_last"], true);
    EXPECT_EQ(line["why"], "full");
    EXPECT_TRUE(std::regex_match(
        line["time"].get<std::string>(), std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)")
    ));
}

TEST_F(Logging, KeepsForeignTextInsideItsJsonString) {
    use(LogFormat::kJson);
    log_info("x\n{}%v", {{"stream", "a\"b\n\x01\xff"}, {"time", "mine"}, {"n", std::nan("")}});
    const nlohmann::json line = only_line();
    EXPECT_EQ(line["event"], "x\n{}%v");
    EXPECT_EQ(line["stream"], "a\"b\n\x01\xEF\xBF\xBD");
    EXPECT_EQ(line["time_"], "mine");
    EXPECT_EQ(line["n"], "nan");
}

TEST_F(Logging, IsReadableForPeople) {
    use(LogFormat::kHuman);
    log_warning("disk nearly full", {{"free_bytes", 12}, {"folder", "/a b"}, {"none", ""}});
    ASSERT_EQ(lines_.size(), 1u);
    const std::regex form(R"(\d\d:\d\d:\d\d\.\d{3} warning disk nearly full  free_bytes=12 )"
                          R"(folder="/a b" none=""\n)");
    EXPECT_TRUE(std::regex_match(lines_[0], form)) << lines_[0];
}

TEST_F(Logging, KeepsALineALineForPeopleToo) {
    use(LogFormat::kHuman);
    log_info("a\nb", {{"stream", "c\nd\x1b[31m"}});
    ASSERT_EQ(lines_.size(), 1u);
    EXPECT_EQ(lines_[0].find('\n'), lines_[0].size() - 1);
    EXPECT_EQ(lines_[0].find('\x1b'), std::string::npos);
}

TEST_F(Logging, LeavesOutWhatIsBelowTheLevel) {
    use(LogFormat::kJson, LogLevel::kWarning);
    log_info("no");
    EXPECT_TRUE(lines_.empty());
    set_log_level(LogLevel::kTrace);
    log_trace("yes");
    EXPECT_EQ(lines_.size(), 1u);
    set_log_level(LogLevel::kOff);
    log(LogLevel::kOff, "never");
    log_error("never");
    EXPECT_EQ(lines_.size(), 1u);
}

TEST_F(Logging, ShowsCodeMessageAndFieldsOfAnError) {
    use(LogFormat::kJson);
    log_error("append failed", Error(ErrorCode::kDiskFull, "no room").with("folder", "x"));
    const nlohmann::json line = only_line();
    EXPECT_EQ(line["level"], "error");
    EXPECT_EQ(line["code"], "disk_full");
    EXPECT_EQ(line["message"], "no room");
    EXPECT_EQ(line["folder"], "x");
}

TEST_F(Logging, WritesWholeLinesFromManyThreads) {
    use(LogFormat::kJson);
    std::vector<std::thread> threads;
    threads.reserve(4);
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([t] {
            for (int i = 0; i < 200; ++i) log_info("tick", {{"thread", t}, {"i", i}});
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(lines_.size(), 800u);
    for (const std::string& line : lines_) EXPECT_TRUE(nlohmann::json::accept(line)) << line;
}

TEST(LogWords, AreParsedOrRefusedByName) {
    EXPECT_EQ(parse_log_level("warning").value(), LogLevel::kWarning);
    EXPECT_EQ(parse_log_format("json").value(), LogFormat::kJson);
    const auto level = parse_log_level("loud");
    ASSERT_FALSE(level);
    EXPECT_EQ(level.error().code(), ErrorCode::kConfigInvalid);
    EXPECT_EQ(level.error().field("key"), "log.level");
    EXPECT_EQ(parse_log_format("xml").error().field("value"), "xml");
}

}  // namespace
}  // namespace annals::telemetry
