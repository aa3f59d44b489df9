// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/interchange/time_parser.hpp"

#include <gtest/gtest.h>

namespace annals::interchange {
namespace {

Result<model::ValidTime> parse(
    std::string_view text, std::string format = "", std::string_view zone = ""
) {
    auto parser = TimeParser::make(std::move(format), zone);
    EXPECT_TRUE(parser) << parser.error().to_string();
    return parser->parse(text);
}

model::ValidTime at(std::int64_t seconds, std::int64_t nanos, std::int32_t offset_minutes) {
    return {TimeNs(seconds * 1'000'000'000 + nanos), offset_minutes};
}

TEST(TimeParser, KeepsTheOffsetOfIsoTimes) {
    EXPECT_EQ(parse("2011-10-11 13:45:40.276000+02:00"), at(1'318'333'540, 276'000'000, 120));
    EXPECT_EQ(parse("2011-11-24T15:36:51.302+01:00"), at(1'322'145'411, 302'000'000, 60));
    EXPECT_EQ(parse("2024-02-29T00:00:00Z"), at(1'709'164'800, 0, 0));
    EXPECT_EQ(parse("1969-12-31T23:59:59.5-00:30"), at(1'799, 500'000'000, -30));
    EXPECT_EQ(parse("2011-10-11T13:45+0530"), at(1'318'320'900, 0, 330));
}

TEST(TimeParser, ATimeWithoutOffsetNeedsAZone) {
    EXPECT_FALSE(parse("2011-10-11 13:45:40"));
    EXPECT_EQ(parse("2011-10-11 13:45:40", "", "+02:00"), at(1'318'333'540, 0, 120));
    EXPECT_EQ(parse("2011-10-11", "", "UTC"), at(1'318'291'200, 0, 0));
}

TEST(TimeParser, AnOffsetInTheTextWinsOverTheZone) {
    EXPECT_EQ(parse("2011-10-11 13:45:40+02:00", "", "UTC"), at(1'318'333'540, 0, 120));
}

TEST(TimeParser, TakesPatterns) {
    EXPECT_EQ(parse("01/12/2010 08:26", "%d/%m/%Y %H:%M", "UTC"), at(1'291'191'960, 0, 0));
    EXPECT_EQ(parse("1/2/10 8:26 pm", "%d/%m/%y %I:%M %p", "UTC"), at(1'265'055'960, 0, 0));
    EXPECT_EQ(
        parse("03 Mar 2021 04:05:06.5 -0100", "%d %b %Y %H:%M:%S.%f %z"),
        at(1'614'747'906 + 3'600 - 3'600, 500'000'000, -60)
    );
}

TEST(TimeParser, TakesUnixTimes) {
    EXPECT_EQ(parse("1318333540", "unix"), at(1'318'333'540, 0, 0));
    EXPECT_EQ(parse("1318333540.25", "unix"), at(1'318'333'540, 250'000'000, 0));
    EXPECT_EQ(parse("1318333540276", "unix-ms"), at(1'318'333'540, 276'000'000, 0));
    EXPECT_EQ(parse("-1", "unix"), at(-1, 0, 0));
}

TEST(TimeParser, RefusesWhatIsNoTime) {
    for (const std::string_view text :
         {"",
          "yesterday",
          "2011-13-01",
          "2011-02-29",
          "2011-10-11 24:00Z",
          "2011-10-11 13:45:40+25:00",
          "2011-10-11 13:45:40Z ",
          "2011-10-11 13:45:40.1234567890Z",
          "0001-01-01"}) {
        EXPECT_FALSE(parse(text, "", "UTC")) << text;
    }
    EXPECT_FALSE(parse("99999999999999", "unix"));
    EXPECT_FALSE(parse("1.5x", "unix"));
}

TEST(TimeParser, RefusesFormatsItDoesNotKnow) {
    EXPECT_FALSE(TimeParser::make("%Q", ""));
    EXPECT_FALSE(TimeParser::make("%", ""));
    EXPECT_FALSE(TimeParser::make("rfc", ""));
    EXPECT_FALSE(TimeParser::make("", "Europe/Berlin"));
}

}  // namespace
}  // namespace annals::interchange
