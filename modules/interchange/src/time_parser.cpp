// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/interchange/time_parser.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "annals/model/names.hpp"

namespace annals::interchange {
namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;
constexpr std::array<std::string_view, 12> kMonths{
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"
};
constexpr std::string_view kDirectives = "YmdHIpMSfybz%";

struct Parts {
    int year = 1970;
    int month = 1;
    int day = 1;
    int hour = 0;
    int minute = 0;
    int second = 0;
    std::int64_t nanos = 0;
    std::optional<bool> is_afternoon;
    std::optional<std::int32_t> offset_minutes;
};

bool is_digit(char sign) { return sign >= '0' && sign <= '9'; }

char lower(char sign) {
    return sign >= 'A' && sign <= 'Z' ? static_cast<char>(sign - 'A' + 'a') : sign;
}

/// Takes from the front of a text; each answers false and leaves the rest undefined when it is not
/// there.
class Taker {
  public:
    explicit Taker(std::string_view text) : rest_(text) {}

    [[nodiscard]] bool at_end() const { return rest_.empty(); }
    [[nodiscard]] char peek() const { return rest_.empty() ? '\0' : rest_.front(); }

    bool sign(char wanted) {
        if (peek() != wanted || rest_.empty()) return false;
        rest_.remove_prefix(1);
        return true;
    }

    bool number(std::size_t digits_min, std::size_t digits_max, int& out) {
        std::size_t count = 0;
        int value = 0;
        while (count < digits_max && count < rest_.size() && is_digit(rest_[count])) {
            value = value * 10 + (rest_[count] - '0');
            ++count;
        }
        if (count < digits_min) return false;
        rest_.remove_prefix(count);
        out = value;
        return true;
    }

    bool fraction(std::int64_t& nanos) {
        std::int64_t value = 0;
        std::size_t count = 0;
        while (count < rest_.size() && is_digit(rest_[count])) {
            if (count >= 9) return false;
            value = value * 10 + (rest_[count] - '0');
            ++count;
        }
        if (count == 0) return false;
        for (std::size_t digits = count; digits < 9; ++digits) value *= 10;
        rest_.remove_prefix(count);
        nanos = value;
        return true;
    }

    bool month_name(int& month) {
        if (rest_.size() < 3) return false;
        const std::array<char, 3> name{lower(rest_[0]), lower(rest_[1]), lower(rest_[2])};
        const auto* const found = std::ranges::find(
            kMonths, std::string_view(name.data(), name.size())
        );
        if (found == kMonths.end()) return false;
        month = static_cast<int>(found - kMonths.begin()) + 1;
        rest_.remove_prefix(3);
        return true;
    }

    bool half_day(std::optional<bool>& is_afternoon) {
        if (rest_.size() < 2 || lower(rest_[1]) != 'm') return false;
        const char first = lower(rest_[0]);
        if (first != 'a' && first != 'p') return false;
        is_afternoon = first == 'p';
        rest_.remove_prefix(2);
        return true;
    }

    bool offset(std::optional<std::int32_t>& minutes) {
        if (sign('Z') || sign('z')) {
            minutes = 0;
            return true;
        }
        const bool is_west = peek() == '-';
        if (!sign('+') && !sign('-')) return false;
        int hour = 0;
        int minute = 0;
        if (!number(2, 2, hour)) return false;
        if (sign(':') || is_digit(peek())) {
            if (!number(2, 2, minute)) return false;
        }
        if (hour > 18 || minute > 59) return false;
        minutes = (is_west ? -1 : 1) * (hour * 60 + minute);
        return true;
    }

  private:
    std::string_view rest_;
};

bool take_iso(Taker& taker, Parts& parts) {
    if (!taker.number(4, 4, parts.year) || !taker.sign('-') || !taker.number(2, 2, parts.month) ||
        !taker.sign('-') || !taker.number(2, 2, parts.day)) {
        return false;
    }
    if (taker.at_end()) return true;
    if (!taker.sign('T') && !taker.sign(' ') && !taker.sign('t')) return false;
    if (!taker.number(2, 2, parts.hour) || !taker.sign(':') || !taker.number(2, 2, parts.minute)) {
        return false;
    }
    if (taker.sign(':')) {
        if (!taker.number(2, 2, parts.second)) return false;
        if ((taker.sign('.') || taker.sign(',')) && !taker.fraction(parts.nanos)) return false;
    }
    if (taker.peek() == ' ') taker.sign(' ');
    return taker.at_end() || taker.offset(parts.offset_minutes);
}

bool take_directive(char directive, Taker& taker, Parts& parts) {
    switch (directive) {
        case 'Y':
            return taker.number(4, 4, parts.year);
        case 'm':
            return taker.number(1, 2, parts.month);
        case 'd':
            return taker.number(1, 2, parts.day);
        case 'H':
            return taker.number(1, 2, parts.hour);
        case 'I':
            return taker.number(1, 2, parts.hour) && parts.hour >= 1 && parts.hour <= 12;
        case 'p':
            return taker.half_day(parts.is_afternoon);
        case 'M':
            return taker.number(2, 2, parts.minute);
        case 'S':
            return taker.number(2, 2, parts.second);
        case 'f':
            return taker.fraction(parts.nanos);
        case 'b':
            return taker.month_name(parts.month);
        case 'z':
            return taker.offset(parts.offset_minutes);
        case 'y':
            if (!taker.number(2, 2, parts.year)) return false;
            parts.year += parts.year < 69 ? 2000 : 1900;
            return true;
        default:
            return taker.sign(directive);
    }
}

bool take_pattern(std::string_view pattern, Taker& taker, Parts& parts) {
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        if (pattern[at] != '%') {
            if (!taker.sign(pattern[at])) return false;
            continue;
        }
        if (!take_directive(pattern[++at], taker, parts)) return false;
    }
    return true;
}

bool is_leap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

int days_in_month(int year, int month) {
    constexpr std::array<int, 12> kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month == 2 && is_leap(year)) return 29;
    return kDays[static_cast<std::size_t>(month - 1)];
}

bool is_in_range(const Parts& parts) {
    return parts.month >= 1 && parts.month <= 12 && parts.day >= 1 &&
           parts.day <= days_in_month(parts.year, parts.month) && parts.hour <= 23 &&
           parts.minute <= 59 && parts.second <= 60 && parts.year >= 1678 && parts.year <= 2261;
}

/// Days since 1970-01-01 of the proleptic Gregorian calendar (Howard Hinnant's days_from_civil).
std::int64_t days_since_epoch(int year, int month, int day) {
    const std::int64_t y = month <= 2 ? year - 1 : year;
    const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
    const std::int64_t year_of_era = y - era * 400;
    const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
                                    day_of_year;
    return era * 146'097 + day_of_era - 719'468;
}

Error not_a_time(std::string_view text, std::string_view why) {
    return Error(
        ErrorCode::kInvalidArgument,
        "'" + model::shown(text) + "' is not a time: " + std::string(why)
    );
}

Result<model::ValidTime> parse_unix(std::string_view text, std::int64_t ns_per_unit) {
    const bool is_negative = text.starts_with('-');
    std::string_view digits = is_negative ? text.substr(1) : text;
    const std::size_t dot = digits.find('.');
    const std::string_view whole = digits.substr(0, dot);
    if (whole.empty() || whole.size() > 13 || !std::ranges::all_of(whole, is_digit)) {
        return not_a_time(text, "a number of seconds or milliseconds since 1970 is expected");
    }
    std::int64_t units = 0;
    for (const char digit : whole) units = units * 10 + (digit - '0');
    if (units > INT64_MAX / ns_per_unit - 1) return not_a_time(text, "the number is too large");
    std::int64_t nanos = 0;
    if (dot != std::string_view::npos) {
        Taker taker(digits.substr(dot + 1));
        if (!taker.fraction(nanos) || !taker.at_end()) {
            return not_a_time(text, "at most nine digits may follow the point");
        }
        nanos = nanos / (kNsPerSecond / ns_per_unit);
    }
    const std::int64_t at = units * ns_per_unit + nanos;
    return model::ValidTime{TimeNs(is_negative ? -at : at), 0};
}

/// Every '%' of the pattern must begin a directive that is known.
bool is_pattern(std::string_view format) {
    for (std::size_t at = 0; at < format.size(); ++at) {
        if (format[at] != '%') continue;
        ++at;
        if (at == format.size() || kDirectives.find(format[at]) == std::string_view::npos)
            return false;
    }
    return format.find('%') != std::string_view::npos;
}

}  // namespace

std::optional<std::int32_t> parse_zone(std::string_view text) {
    if (text == "UTC" || text == "utc" || text == "GMT") return 0;
    std::optional<std::int32_t> minutes;
    Taker taker(text);
    if (!taker.offset(minutes) || !taker.at_end()) return std::nullopt;
    return minutes;
}

Result<TimeParser> TimeParser::make(std::string format, std::string_view zone) {
    TimeParser parser;
    parser.format_ = format.empty() ? "iso" : std::move(format);
    const std::string& name = parser.format_;
    if (name != "iso" && name != "unix" && name != "unix-ms" && !is_pattern(name)) {
        return Error(
            ErrorCode::kConfigInvalid,
            "time format '" + model::shown(name) +
                "' is not understood: give iso, unix, unix-ms or a pattern of %Y %m %d %H %I %p %M "
                "%S %f %y %b %z %%"
        );
    }
    if (!zone.empty()) {
        parser.zone_minutes_ = parse_zone(zone);
        if (!parser.zone_minutes_) {
            return Error(
                ErrorCode::kConfigInvalid,
                "time zone '" + model::shown(zone) + "' is not understood: give UTC or ±HH:MM"
            );
        }
    }
    return parser;
}

Result<model::ValidTime> TimeParser::parse(std::string_view text) const {
    if (format_ == "unix") return parse_unix(text, kNsPerSecond);
    if (format_ == "unix-ms") return parse_unix(text, 1'000'000);
    Parts parts;
    Taker taker(text);
    const bool is_iso = format_ == "iso";
    const bool is_taken = is_iso ? take_iso(taker, parts) : take_pattern(format_, taker, parts);
    if (!is_taken || !taker.at_end()) {
        return not_a_time(text, is_iso ? "ISO 8601 is expected" : "the format is " + format_);
    }
    if (parts.is_afternoon) parts.hour = parts.hour % 12 + (*parts.is_afternoon ? 12 : 0);
    if (!is_in_range(parts)) return not_a_time(text, "there is no such day or hour");
    if (!parts.offset_minutes) parts.offset_minutes = zone_minutes_;
    if (!parts.offset_minutes) {
        return not_a_time(text, "it has no offset from UTC: end it with Z or +02:00");
    }
    const std::int64_t local_seconds = days_since_epoch(parts.year, parts.month, parts.day) *
                                           86'400 +
                                       parts.hour * 3'600 + parts.minute * 60 + parts.second;
    const std::int64_t seconds = local_seconds - std::int64_t{*parts.offset_minutes} * 60;
    return model::ValidTime{TimeNs(seconds * kNsPerSecond + parts.nanos), *parts.offset_minutes};
}

}  // namespace annals::interchange
