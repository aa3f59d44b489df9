// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "time_text.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

#include "annals/interchange/time_parser.hpp"

namespace annals::cli {
namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

std::string fraction_text(std::int64_t nanos) {
    if (nanos == 0) return {};
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), ".%09lld", static_cast<long long>(nanos));
    std::string out = text.data();
    while (out.ends_with("000")) out.erase(out.size() - 3);
    return out;
}

/// A number and its unit, or nothing.
struct Amount {
    std::int64_t value = 0;
    std::string_view unit;
};

bool take_amount(std::string_view text, Amount& amount) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), amount.value);
    if (error != std::errc() || amount.value < 0 || amount.value > 1'000'000'000) return false;
    amount.unit = text.substr(static_cast<std::size_t>(end - text.data()));
    return true;
}

std::int64_t unit_ms(std::string_view unit) {
    if (unit == "ms") return 1;
    if (unit == "s") return 1'000;
    if (unit == "m" || unit == "min") return 60'000;
    if (unit == "h") return 3'600'000;
    if (unit == "d") return 86'400'000;
    return 0;
}

}  // namespace

std::string time_text(TimeNs time, std::int32_t offset_minutes) {
    using std::chrono::days;
    const std::int64_t local = time.value + std::int64_t{offset_minutes} * 60 * kNsPerSecond;
    std::int64_t seconds = local / kNsPerSecond;
    std::int64_t nanos = local % kNsPerSecond;
    if (nanos < 0) {
        nanos += kNsPerSecond;
        --seconds;
    }
    const std::chrono::sys_seconds point{std::chrono::seconds(seconds)};
    const auto day = std::chrono::floor<days>(point);
    const std::chrono::year_month_day date(day);
    const auto of_day = static_cast<int>((point - day).count());
    std::array<char, 64> text{};
    std::snprintf(
        text.data(),
        text.size(),
        "%04d-%02u-%02uT%02d:%02d:%02d",
        static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()),
        of_day / 3'600,
        of_day / 60 % 60,
        of_day % 60
    );
    std::string out = text.data() + fraction_text(nanos);
    if (offset_minutes == 0) return out + "Z";
    const int minutes = offset_minutes < 0 ? -offset_minutes : offset_minutes;
    std::snprintf(
        text.data(),
        text.size(),
        "%c%02d:%02d",
        offset_minutes < 0 ? '-' : '+',
        minutes / 60,
        minutes % 60
    );
    return out + text.data();
}

std::string time_text(const model::ValidTime& time) {
    return time_text(time.at, time.offset_minutes);
}

Result<TimeNs> parse_time(std::string_view text, const Clock& clock) {
    Amount amount;
    if (take_amount(text, amount) && unit_ms(amount.unit) > 0) {
        return TimeNs(clock.now().value - amount.value * unit_ms(amount.unit) * 1'000'000);
    }
    ANNALS_TRY(const auto parser, interchange::TimeParser::make("iso", "UTC"));
    const Result<model::ValidTime> time = parser.parse(text);
    if (time) return time->at;
    return Error(
        time.error().code(), std::string(time.error().message()) + ", or how long ago: 15m, 2h, 3d"
    );
}

Result<TimeNs> parse_time_flag(std::string_view flag, std::string_view text, const Clock& clock) {
    Result<TimeNs> time = parse_time(text, clock);
    if (time) return time;
    return of_flag(flag, time.error());
}

Error of_flag(std::string_view flag, const Error& error) {
    return Error(error.code(), std::string(flag) + ": " + std::string(error.message()))
        .with("field", flag);
}

Result<std::int64_t> parse_duration_ms(std::string_view text) {
    Amount amount;
    if (take_amount(text, amount)) {
        if (amount.unit.empty()) return amount.value * 1'000;
        if (const std::int64_t ms = unit_ms(amount.unit); ms > 0) return amount.value * ms;
    }
    return Error(
        ErrorCode::kInvalidArgument,
        "'" + std::string(text.substr(0, 64)) + "' is not a duration: give 250ms, 5s, 2m or 1h"
    );
}

std::string bytes_text(std::uint64_t bytes) {
    constexpr std::array<const char*, 5> kUnits{"B", "KiB", "MiB", "GiB", "TiB"};
    auto amount = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (amount >= 1'024 && unit + 1 < kUnits.size()) {
        amount /= 1'024;
        ++unit;
    }
    std::array<char, 32> text{};
    std::snprintf(
        text.data(), text.size(), unit == 0 ? "%.0f %s" : "%.1f %s", amount, kUnits.at(unit)
    );
    return text.data();
}

}  // namespace annals::cli
