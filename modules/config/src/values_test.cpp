// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/config/values.hpp"

#include <cstdint>
#include <limits>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace annals::config {
namespace {

TEST(Address, IsHostAndPort) {
    EXPECT_EQ(parse_address("127.0.0.1:7400").value(), (Address{"127.0.0.1", 7400}));
    EXPECT_EQ(parse_address("localhost:0").value(), (Address{"localhost", 0}));
    EXPECT_EQ(parse_address("[::1]:65535").value(), (Address{"::1", 65535}));
    EXPECT_EQ(parse_address(":9090").value(), (Address{"0.0.0.0", 9090}));
    EXPECT_EQ(to_string(Address{"::1", 5}), "[::1]:5");
}

TEST(Address, RefusesEverythingElseWithARemedy) {
    for (const char* text :
         {"",
          "7400",
          "host",
          "host:",
          "host:65536",
          "host:-1",
          "host:+1",
          "host: 1",
          "::1:7400",
          "[]:1",
          "[host]:1",
          "a b:1",
          "http://host:1",
          "host:1/x",
          "[::1]",
          "host:0x10"}) {
        const auto address = parse_address(text);
        ASSERT_FALSE(address) << text;
        EXPECT_EQ(address.error().code(), ErrorCode::kConfigInvalid);
        EXPECT_EQ(address.error().field("value"), text);
        EXPECT_FALSE(address.error().field("remedy").empty());
    }
}

TEST(Duration, IsANumberWithAUnit) {
    EXPECT_EQ(parse_duration_ns("250ms").value(), 250'000'000);
    EXPECT_EQ(parse_duration_ns("1.5s").value(), 1'500'000'000);
    EXPECT_EQ(parse_duration_ns("0.000000001s").value(), 1);
    EXPECT_EQ(parse_duration_ns("0.25h").value(), 900'000'000'000);
    EXPECT_EQ(parse_duration_ns("2m").value(), 120'000'000'000);
    EXPECT_EQ(parse_duration_ns("3us").value(), 3'000);
    EXPECT_EQ(parse_duration_ns("0s").value(), 0);
    EXPECT_EQ(
        parse_duration_ns("9223372036854775807ns").value(), std::numeric_limits<std::int64_t>::max()
    );
}

TEST(Duration, RefusesWhatIsNotOne) {
    for (const char* text :
         {"",
          "5",
          "s",
          "-1s",
          "+1s",
          "1 s",
          "1.s",
          ".5s",
          "1..5s",
          "1S",
          "1d",
          "1e3s",
          "1.5.5s",
          "9223372036854775808ns",
          "2562048h",
          "0.0000000001s",
          "99999999999999999999s"}) {
        EXPECT_FALSE(parse_duration_ns(text)) << text;
    }
}

RC_GTEST_PROP(DurationProperty, ParsingWhatWasFormattedGivesItBack, ()) {
    const auto ns = *rc::gen::inRange<std::int64_t>(0, std::numeric_limits<std::int64_t>::max());
    RC_ASSERT(parse_duration_ns(format_duration(ns)).value() == ns);
}

TEST(Duration, IsWrittenInTheLargestUnitThatFits) {
    EXPECT_EQ(format_duration(0), "0s");
    EXPECT_EQ(format_duration(120'000'000'000), "2m");
    EXPECT_EQ(format_duration(1'500'000'000), "1500ms");
    EXPECT_EQ(format_duration(7), "7ns");
}

TEST(Durability, IsEveryAppendOrAnInterval) {
    EXPECT_TRUE(parse_durability("every-append").value().is_every_append());
    EXPECT_EQ(parse_durability("interval=20ms").value().interval_ns, 20'000'000);
    EXPECT_EQ(to_string(Durability{1'000'000'000}), "interval=1s");
    EXPECT_EQ(to_string(Durability{}), "every-append");
    for (const char* text :
         {"", "never", "interval", "interval=", "interval=20", "interval=0ms", "interval=2m"}) {
        EXPECT_FALSE(parse_durability(text)) << text;
    }
}

TEST(Numbers, KeepToTheirRange) {
    EXPECT_EQ(parse_integer("64", {1, 100}).value(), 64u);
    for (const char* text : {"", "0", "101", "-1", "1.0", "0x1", " 1", "99999999999999999999"}) {
        EXPECT_FALSE(parse_integer(text, {1, 100})) << text;
    }
    EXPECT_TRUE(parse_bool("true").value());
    EXPECT_FALSE(parse_bool("false").value());
    EXPECT_FALSE(parse_bool("yes"));
}

TEST(DayWindow, IsAPartOfTheDayOrAllOfIt) {
    EXPECT_EQ(*parse_day_window("always"), (DayWindow{0, 0}));
    EXPECT_EQ(*parse_day_window("22:00-05:30"), (DayWindow{22 * 60, 5 * 60 + 30}));
    EXPECT_EQ(*parse_day_window("00:00-23:59"), (DayWindow{0, 23 * 60 + 59}));
    for (const char* wrong :
         {"",
          "never",
          "22:00",
          "22:00-",
          "24:00-05:00",
          "22:60-05:00",
          "22:00-22:00",
          "2:00-05:00x",
          "22:00 05:00",
          "-1:00-05:00",
          "22:0a-05:00"}) {
        const auto refused = parse_day_window(wrong);
        ASSERT_FALSE(refused) << wrong;
        EXPECT_EQ(refused.error().code(), ErrorCode::kConfigInvalid) << wrong;
        EXPECT_EQ(refused.error().field("value"), wrong);
    }
}

TEST(Origins, AreWhatABrowserSends) {
    EXPECT_TRUE(parse_origins("")->empty());
    const std::vector<std::string> both{"https://a.example", "http://[::1]:8080"};
    EXPECT_EQ(*parse_origins("https://a.example,http://[::1]:8080"), both);
    for (const char* wrong :
         {"evil",
          "https://",
          "https://a/",
          "https://A.example",
          "ftp://a",
          "http://a:",
          "http://a:0",
          "http://a:65536",
          "null",
          "*",
          "http://a b"}) {
        const auto refused = parse_origins(wrong);
        ASSERT_FALSE(refused) << wrong;
        EXPECT_EQ(refused.error().field("value"), wrong);
    }
    EXPECT_EQ(parse_origins(" http://a,, http://b ,")->size(), 2u);
}

}  // namespace
}  // namespace annals::config
