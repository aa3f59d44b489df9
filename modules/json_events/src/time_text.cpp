// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/json_events/time_text.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <limits>

#include "annals/model/names.hpp"

namespace annals::json_events {
namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

/// Takes fixed numbers of digits and signs from the front.
class Scanner {
  public:
    explicit Scanner(std::string_view text) : text_(text) {}

    bool digits(std::size_t count, int& number) {
        if (text_.size() < count) return false;
        number = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (text_[i] < '0' || text_[i] > '9') return false;
            number = number * 10 + (text_[i] - '0');
        }
        text_.remove_prefix(count);
        return true;
    }
    bool sign(std::string_view any_of, char& found) {
        if (text_.empty() || any_of.find(text_.front()) == std::string_view::npos) return false;
        found = text_.front();
        text_.remove_prefix(1);
        return true;
    }
    bool sign(char wanted) {
        char found = 0;
        return sign(std::string_view(&wanted, 1), found);
    }
    /// One to nine digits as nanoseconds.
    bool fraction(std::int64_t& nanos) {
        std::int64_t unit = kNsPerSecond / 10;
        nanos = 0;
        bool is_any = false;
        while (!text_.empty() && text_.front() >= '0' && text_.front() <= '9') {
            if (unit == 0) return false;
            nanos += (text_.front() - '0') * unit;
            unit /= 10;
            text_.remove_prefix(1);
            is_any = true;
        }
        return is_any;
    }
    [[nodiscard]] bool is_done() const { return text_.empty(); }

  private:
    std::string_view text_;
};

/// Writes numbers with leading zeros; printf costs ten times as much, and every event has a time.
class Digits {
  public:
    /// The sign first, if there is one; numbers that need more digits get them cut.
    void add(unsigned number, std::size_t count, char sign = 0) {
        if (sign != 0) add(sign);
        size_ += count;
        for (std::size_t at = size_; count > 0; --count, number /= 10) {
            text_[--at] = static_cast<char>('0' + number % 10);
        }
    }
    void add(char sign) { text_[size_++] = sign; }
    [[nodiscard]] std::string_view text() const { return {text_.data(), size_}; }

  private:
    std::array<char, 48> text_{};  ///< what append_time adds has 36 at most
    std::size_t size_ = 0;
};

struct Parts {
    int year = 0;
    int month = 0;
    int day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    std::int64_t nanos = 0;
    int offset_minutes = 0;
};

bool scan(std::string_view text, Parts& parts) {
    Scanner scanner(text);
    char sign = 0;
    if (!scanner.digits(4, parts.year) || !scanner.sign('-') || !scanner.digits(2, parts.month) ||
        !scanner.sign('-') || !scanner.digits(2, parts.day) || !scanner.sign("Tt ", sign) ||
        !scanner.digits(2, parts.hour) || !scanner.sign(':') || !scanner.digits(2, parts.minute) ||
        !scanner.sign(':') || !scanner.digits(2, parts.second)) {
        return false;
    }
    if (scanner.sign('.') && !scanner.fraction(parts.nanos)) return false;
    if (!scanner.sign("Zz+-", sign)) return false;
    if (sign == '+' || sign == '-') {
        int hours = 0;
        int minutes = 0;
        if (!scanner.digits(2, hours) || !scanner.sign(':') || !scanner.digits(2, minutes))
            return false;
        if (hours > 23 || minutes > 59) return false;
        parts.offset_minutes = (hours * 60 + minutes) * (sign == '-' ? -1 : 1);
    }
    const std::chrono::year_month_day date{
        std::chrono::year(parts.year),
        std::chrono::month(static_cast<unsigned>(parts.month)),
        std::chrono::day(static_cast<unsigned>(parts.day))
    };
    return scanner.is_done() && date.ok() && parts.hour < 24 && parts.minute < 60 &&
           parts.second <= 60;
}

}  // namespace

void append_time(std::string& out, TimeNs time, std::int32_t offset_minutes) {
    using std::chrono::days;
    std::int64_t seconds = time.value / kNsPerSecond;
    std::int64_t nanos = time.value % kNsPerSecond;
    if (nanos < 0) {
        nanos += kNsPerSecond;
        --seconds;
    }
    seconds += std::int64_t{offset_minutes} * 60;
    const std::chrono::sys_seconds point{std::chrono::seconds(seconds)};
    const auto day = std::chrono::floor<days>(point);
    const std::chrono::year_month_day date(day);
    const auto of_day = static_cast<unsigned>((point - day).count());
    Digits digits;
    digits.add(static_cast<unsigned>(static_cast<int>(date.year())), 4);
    digits.add(static_cast<unsigned>(date.month()), 2, '-');
    digits.add(static_cast<unsigned>(date.day()), 2, '-');
    digits.add(of_day / 3'600, 2, 'T');
    digits.add(of_day / 60 % 60, 2, ':');
    digits.add(of_day % 60, 2, ':');
    if (nanos != 0) {
        // As many groups of three digits as say something.
        auto fraction = static_cast<unsigned>(nanos);
        std::size_t count = 9;
        for (; fraction % 1'000 == 0; fraction /= 1'000) count -= 3;
        digits.add(fraction, count, '.');
    }
    if (offset_minutes == 0) {
        digits.add('Z');
    } else {
        const auto minutes = static_cast<unsigned>(
            offset_minutes < 0 ? -offset_minutes : offset_minutes
        );
        digits.add(minutes / 60, 2, offset_minutes < 0 ? '-' : '+');
        digits.add(minutes % 60, 2, ':');
    }
    out += digits.text();
}

std::string time_text(TimeNs time, std::int32_t offset_minutes) {
    std::string out;
    append_time(out, time, offset_minutes);
    return out;
}

Result<model::ValidTime> parse_time(std::string_view text, std::string_view field) {
    const auto refuse = [&] {
        return Error(
                   ErrorCode::kInvalidArgument,
                   std::string(field) + " \"" + model::shown(text) +
                       "\" is no time: write it like 2026-03-01T12:00:00.25Z (RFC 3339), between "
                       "1678 and 2261"
        )
            .with("field", field)
            .with("value", model::shown(text))
            .with("rule", "a time like 2026-03-01T12:00:00.25Z (RFC 3339), from 1678 to 2261");
    };
    Parts parts;
    if (!scan(text, parts)) return refuse();
    // Nanoseconds in 64 bits reach from 1677 to 2262.
    if (parts.year < 1678 || parts.year > 2261) return refuse();
    const std::chrono::sys_days day{std::chrono::year_month_day{
        std::chrono::year(parts.year),
        std::chrono::month(static_cast<unsigned>(parts.month)),
        std::chrono::day(static_cast<unsigned>(parts.day))
    }};
    std::int64_t seconds = std::int64_t{day.time_since_epoch().count()} * 86'400;
    seconds += parts.hour * 3'600 + parts.minute * 60 + parts.second - parts.offset_minutes * 60;
    model::ValidTime time;
    time.at = TimeNs(seconds * kNsPerSecond + parts.nanos);
    time.offset_minutes = parts.offset_minutes;
    return time;
}

}  // namespace annals::json_events
