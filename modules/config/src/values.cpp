// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/config/values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace annals::config {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000;

struct Unit {
    std::string_view name;
    std::int64_t ns;
};
/// Longest first, which format_duration relies on.
constexpr std::array<Unit, 6> kUnits{{
    {"h", 3'600'000'000'000},
    {"m", 60'000'000'000},
    {"s", 1'000'000'000},
    {"ms", kMillisecond},
    {"us", 1'000},
    {"ns", 1},
}};

Error refused(std::string_view value, std::string_view remedy) {
    std::string message("\"");
    message.append(value).append("\" is not acceptable: ").append(remedy);
    return Error(ErrorCode::kConfigInvalid, std::move(message))
        .with("value", value)
        .with("remedy", remedy);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// All of the text as a decimal number without sign.
template <typename Number>
bool parse_digits(std::string_view text, Number& number) {
    if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) return false;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size();
}

bool is_host(std::string_view host, bool is_bracketed) {
    return !host.empty() && host.size() <= 253 &&
           std::all_of(host.begin(), host.end(), [&](char c) {
               const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
               if (is_bracketed) {
                   // an IPv6 address, perhaps with a scope (%eth0) or an IPv4 tail
                   return is_letter || is_digit(c) || c == ':' || c == '.' || c == '%';
               }
               return is_letter || is_digit(c) || c == '.' || c == '-' || c == '_';
           });
}

/// A browser sends neither a path nor capital letters.
bool is_origin(std::string_view origin) {
    const std::size_t scheme = origin.starts_with("https://")  ? 8
                               : origin.starts_with("http://") ? 7
                                                               : 0;
    if (scheme == 0) return false;
    std::string_view host = origin.substr(scheme);
    const std::size_t colon = host.rfind(':');
    if (colon != std::string_view::npos && !host.ends_with(']')) {
        std::uint16_t port = 0;
        if (!parse_digits(host.substr(colon + 1), port) || port == 0) return false;
        host = host.substr(0, colon);
    }
    const bool is_bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (is_bracketed) host = host.substr(1, host.size() - 2);
    const bool has_capital = std::any_of(host.begin(), host.end(), [](char c) {
        return c >= 'A' && c <= 'Z';
    });
    return is_host(host, is_bracketed) && !has_capital;
}

}  // namespace

Result<std::vector<std::string>> parse_origins(std::string_view text) {
    std::vector<std::string> origins;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(','), text.size());
        std::string_view origin = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        while (origin.starts_with(' ')) origin.remove_prefix(1);
        while (origin.ends_with(' ')) origin.remove_suffix(1);
        if (origin.empty()) continue;
        if (!is_origin(origin)) {
            return refused(
                origin, "write what a browser sends: http:// or https://, host, and port if any"
            );
        }
        origins.emplace_back(origin);
    }
    return origins;
}

Result<DayWindow> parse_day_window(std::string_view text) {
    constexpr std::string_view kRemedy = "write always or HH:MM-HH:MM in UTC, e.g. 22:00-05:30";
    constexpr std::size_t kTimeBytes = 5;
    if (text == "always") return DayWindow{};
    if (text.size() != 2 * kTimeBytes + 1 || text[kTimeBytes] != '-') return refused(text, kRemedy);
    DayWindow window;
    for (const bool is_from : {true, false}) {
        const std::string_view time = text.substr(is_from ? 0 : kTimeBytes + 1, kTimeBytes);
        std::uint32_t hour = 0;
        std::uint32_t minute = 0;
        const bool is_time = time[2] == ':' && parse_digits(time.substr(0, 2), hour) &&
                             parse_digits(time.substr(3, 2), minute) && hour < 24 && minute < 60;
        if (!is_time) return refused(text, kRemedy);
        (is_from ? window.from_minute : window.to_minute) = hour * 60 + minute;
    }
    if (window.from_minute == window.to_minute)
        return refused(text, "its two times are the same: write always for all day");
    return window;
}

Result<Address> parse_address(std::string_view text) {
    constexpr std::string_view kRemedy = "write HOST:PORT, e.g. 127.0.0.1:7400 or [::1]:7400";
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return refused(text, kRemedy);
    std::string_view host = text.substr(0, colon);
    const bool is_bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
    if (is_bracketed) host = host.substr(1, host.size() - 2);
    Address address;
    if (!parse_digits(text.substr(colon + 1), address.port)) return refused(text, kRemedy);
    if (host.empty() && !is_bracketed) host = "0.0.0.0";
    if (!is_host(host, is_bracketed)) return refused(text, kRemedy);
    if (is_bracketed && host.find(':') == std::string_view::npos) return refused(text, kRemedy);
    address.host = host;
    return address;
}

std::string to_string(const Address& address) {
    const bool is_v6 = address.host.find(':') != std::string::npos;
    const std::string host = is_v6 ? "[" + address.host + "]" : address.host;
    return host + ":" + std::to_string(address.port);
}

Result<std::int64_t> parse_duration_ns(std::string_view text) {
    constexpr std::string_view kRemedy = "write a number and a unit, e.g. 250ms, 1.5s, 2m or 1h";
    const std::size_t end = text.find_first_not_of("0123456789.");
    if (end == std::string_view::npos || end == 0) return refused(text, kRemedy);
    const auto* const unit = std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& candidate) {
        return candidate.name == text.substr(end);
    });
    if (unit == kUnits.end()) return refused(text, kRemedy);

    const std::string_view number = text.substr(0, end);
    const std::size_t point = number.find('.');
    std::uint64_t whole = 0;
    if (!parse_digits(number.substr(0, point), whole)) return refused(text, kRemedy);
    const auto per_unit = static_cast<std::uint64_t>(unit->ns);
    constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (whole > kMax / per_unit) return refused(text, "it must be less than 292 years");
    std::uint64_t duration_ns = whole * per_unit;

    if (point != std::string_view::npos) {
        const std::string_view fraction = number.substr(point + 1);
        std::uint64_t digits = 0;
        if (fraction.size() > 9 || !parse_digits(fraction, digits)) return refused(text, kRemedy);
        std::uint64_t scale = 1;
        for (std::size_t i = 0; i < fraction.size(); ++i) scale *= 10;
        // at most 10^9 * 3.6 * 10^12, which does not fit: divide the unit first where it divides
        const std::uint64_t step = per_unit / scale;
        const std::uint64_t rest = per_unit % scale;
        const std::uint64_t added = digits * step + digits * rest / scale;
        if (added > kMax - duration_ns) return refused(text, "it must be less than 292 years");
        duration_ns += added;
    }
    return static_cast<std::int64_t>(duration_ns);
}

std::string format_duration(std::int64_t duration_ns) {
    if (duration_ns == 0) return "0s";
    for (const Unit& unit : kUnits) {
        if (duration_ns % unit.ns == 0) {
            return std::to_string(duration_ns / unit.ns).append(unit.name);
        }
    }
    return std::to_string(duration_ns).append("ns");
}

Result<Durability> parse_durability(std::string_view text) {
    constexpr std::string_view kRemedy =
        "write every-append, or interval=DURATION with 1ms to 1m, e.g. interval=20ms";
    constexpr std::string_view kInterval = "interval=";
    if (text == "every-append") return Durability{};
    if (!text.starts_with(kInterval)) return refused(text, kRemedy);
    const auto interval = parse_duration_ns(text.substr(kInterval.size()));
    if (!interval || *interval < kMillisecond || *interval > 60'000 * kMillisecond) {
        return refused(text, kRemedy);
    }
    return Durability{*interval};
}

std::string to_string(const Durability& durability) {
    if (durability.is_every_append()) return "every-append";
    return "interval=" + format_duration(durability.interval_ns);
}

Result<std::int64_t> parse_kept_for_ns(std::string_view text) {
    if (text == "forever") return std::int64_t{-1};
    auto duration = parse_duration_ns(text);
    if (!duration) return refused(text, "write a duration, as 720h, or forever");
    return duration;
}

Result<bool> parse_bool(std::string_view text) {
    if (text == "true") return true;
    if (text == "false") return false;
    return refused(text, "write true or false");
}

Result<std::uint64_t> parse_integer(std::string_view text, IntegerRange range) {
    std::uint64_t number = 0;
    if (!parse_digits(text, number) || number < range.min || number > range.max) {
        return refused(
            text,
            "write a whole number from " + std::to_string(range.min) + " to " +
                std::to_string(range.max)
        );
    }
    return number;
}

}  // namespace annals::config
