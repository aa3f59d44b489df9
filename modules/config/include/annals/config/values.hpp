// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "annals/base/result.hpp"

/// Texts of settings as values. Each parser answers config_invalid with the fields `value` and
/// `remedy`; who knows key and origin adds them.
namespace annals::config {

/// Where to listen. Port 0 takes a free one.
struct Address {
    std::string host;  ///< a name or an address; IPv6 without brackets
    std::uint16_t port = 0;
    bool operator==(const Address&) const = default;
};

/// `127.0.0.1:7400`, `localhost:0`, `[::1]:7400`, `:7400` (all IPv4 addresses of the machine).
Result<Address> parse_address(std::string_view text);
/// The form that parse_address takes; IPv6 in brackets.
std::string to_string(const Address& address);

/// `250ms`, `1.5s`, `2m`, `1h`, also `us` and `ns`; never negative, the unit is never left out.
Result<std::int64_t> parse_duration_ns(std::string_view text);
/// The shortest exact form: `250ms`, `1500ms`, `2m`.
std::string format_duration(std::int64_t duration_ns);

/// When an append is answered (log-and-rules 1.4).
struct Durability {
    /// 0: every-append, synced before the answer. Else: synced once an interval, answers say "not
    /// durable".
    std::int64_t interval_ns = 0;
    [[nodiscard]] bool is_every_append() const { return interval_ns == 0; }
    bool operator==(const Durability&) const = default;
};

/// `every-append` or `interval=DURATION` of 1 ms to 1 min.
Result<Durability> parse_durability(std::string_view text);
std::string to_string(const Durability& durability);

/// A part of each day, UTC; may pass midnight. The same minute twice: all day.
struct DayWindow {
    std::uint32_t from_minute = 0;
    std::uint32_t to_minute = 0;
    bool operator==(const DayWindow&) const = default;
};

/// Origins of web pages (RFC 6454), with commas between them, `https://a.example,http://b:8080`;
/// blanks around them are dropped, and empty ones.
Result<std::vector<std::string>> parse_origins(std::string_view text);

/// `always` or `HH:MM-HH:MM` in UTC, e.g. `22:00-05:30`.
Result<DayWindow> parse_day_window(std::string_view text);

/// `forever`, which is -1, or a duration.
Result<std::int64_t> parse_kept_for_ns(std::string_view text);

/// `true` or `false`.
Result<bool> parse_bool(std::string_view text);

struct IntegerRange {
    std::uint64_t min = 0;
    std::uint64_t max = 0;
};
/// Decimal digits alone.
Result<std::uint64_t> parse_integer(std::string_view text, IntegerRange range);

}  // namespace annals::config
