// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "time_text.hpp"

#include <gtest/gtest.h>

namespace annals::cli {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

class FixedClock final : public Clock {
  public:
    [[nodiscard]] TimeNs now() const override { return TimeNs(1'000 * kSecond); }
    [[nodiscard]] std::int64_t monotonic_ns() const override { return 0; }
};

TEST(TimeText, ShowsTheOffsetAndAsMuchOfTheFractionAsThereIs) {
    EXPECT_EQ(time_text(TimeNs(1'318'333'540 * kSecond)), "2011-10-11T11:45:40Z");
    EXPECT_EQ(
        time_text(TimeNs(1'318'333'540 * kSecond + 276'000'000), 120),
        "2011-10-11T13:45:40.276+02:00"
    );
    EXPECT_EQ(time_text(TimeNs(-kSecond / 2), -30), "1969-12-31T23:29:59.500-00:30");
    EXPECT_EQ(time_text(TimeNs(1)), "1970-01-01T00:00:00.000000001Z");
}

TEST(TimeText, ParsesTimesAndAges) {
    const FixedClock clock;
    EXPECT_EQ(parse_time("1970-01-01T00:00:05Z", clock), TimeNs(5 * kSecond));
    EXPECT_EQ(parse_time("1970-01-01 01:00+01:00", clock), TimeNs(0));
    EXPECT_EQ(parse_time("10m", clock), TimeNs(400 * kSecond));
    EXPECT_FALSE(parse_time("soon", clock));
    const std::string told(parse_time_flag("--since", "never", clock).error().message());
    EXPECT_NE(told.find("--since: 'never'"), std::string::npos) << told;
    EXPECT_NE(told.find("15m"), std::string::npos) << told;
}

TEST(TimeText, ParsesDurations) {
    EXPECT_EQ(parse_duration_ms("250ms"), 250);
    EXPECT_EQ(parse_duration_ms("5s"), 5'000);
    EXPECT_EQ(parse_duration_ms("7"), 7'000);
    EXPECT_EQ(parse_duration_ms("1h"), 3'600'000);
    for (const char* text : {"", "s", "-1s", "5x", "1.5s"}) {
        EXPECT_FALSE(parse_duration_ms(text)) << text;
    }
}

TEST(TimeText, ShowsBytes) {
    EXPECT_EQ(bytes_text(512), "512 B");
    EXPECT_EQ(bytes_text(1'536), "1.5 KiB");
    EXPECT_EQ(bytes_text(5u << 20u), "5.0 MiB");
}

}  // namespace
}  // namespace annals::cli
