// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/interchange/demo_orders.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>
#include <queue>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace annals::interchange {
namespace {

struct Item {
    std::string_view name;
    int price_cents;
};
constexpr std::array<Item, 12> kItems{{
    {"Teapot, blue", 2490},
    {"Tea cup", 690},
    {"Assam, 250 g", 840},
    {"Darjeeling, 100 g", 1150},
    {"Earl Grey, 500 g", 1490},
    {"Sieve \"Fine Mesh\"", 520},
    {"Honey, lime", 610},
    {"Biscuit tin", 980},
    {"Kettle 1.7 l", 3990},
    {"Matcha bowl", 1890},
    {"Bamboo whisk", 1290},
    {"Gift card", 2500},
}};
constexpr std::array<std::string_view, 8> kClerks{
    "alma", "bruno", "chidi", "dorothea", "emil", "fatima", "goran", "hana"
};
constexpr std::array<std::string_view, 4> kNotes{
    "leave it with the neighbour", "second floor, left", "please call \"Anna\" first", "no plastic"
};

/// SplitMix64: the same numbers everywhere.
class Dice {
  public:
    /// 0 to sides - 1.
    std::uint64_t roll(std::uint64_t sides) {
        state_ += 0x9E3779B97F4A7C15u;
        std::uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30u)) * 0xBF58476D1CE4E5B9u;
        mixed = (mixed ^ (mixed >> 27u)) * 0x94D049BB133111EBu;
        return (mixed ^ (mixed >> 31u)) % sides;
    }
    bool chance(std::uint64_t percent) { return roll(100) < percent; }

  private:
    std::uint64_t state_ = 20'241'001;
};

struct Line {
    std::int64_t at;  ///< seconds since 1970, UTC
    std::uint64_t number;
    std::string text;
};

/// Lines in the order of time; holds those alone that an earlier one may still go before.
class LineQueue {
  public:
    LineQueue(std::ostream& out, std::uint64_t rows) : out_(out), rows_(rows) {}

    [[nodiscard]] bool is_enough() const { return added_ >= rows_ || !out_; }
    void add(std::int64_t at, std::string text) { waiting_.push({at, added_++, std::move(text)}); }
    /// Writes what is not after this time, as far as rows are wanted.
    void write_until(std::int64_t at) {
        for (; !waiting_.empty() && waiting_.top().at <= at && written_ < rows_; ++written_) {
            out_ << waiting_.top().text << '\n';
            waiting_.pop();
        }
    }

  private:
    struct IsLater {
        bool operator()(const Line& a, const Line& b) const {
            return std::pair(a.at, a.number) > std::pair(b.at, b.number);
        }
    };

    std::ostream& out_;
    std::uint64_t rows_;
    std::uint64_t added_ = 0;
    std::uint64_t written_ = 0;
    std::priority_queue<Line, std::vector<Line>, IsLater> waiting_;
};

/// 2024-10-01 06:00 UTC; summer time ends on 2024-10-27 01:00 UTC.
constexpr std::int64_t kStart = 1'727'762'400;
constexpr std::int64_t kSummerEnds = 1'729'990'800;

std::string local_time(std::int64_t at) {
    const int offset_hours = at < kSummerEnds ? 2 : 1;
    const std::int64_t local = at + offset_hours * 3'600;
    const std::int64_t days = local / 86'400 - 19'997;  // since 2024-10-01
    const std::int64_t of_day = local % 86'400;
    constexpr std::array<std::int64_t, 4> kMonthDays{31, 30, 31, 31};
    std::size_t month = 0;
    std::int64_t day = days;
    while (month < 3 && day >= kMonthDays.at(month)) day -= kMonthDays.at(month++);
    std::array<char, 40> text{};
    std::snprintf(
        text.data(),
        text.size(),
        "%s-%02d-%02dT%02d:%02d:%02d+%02d:00",
        month == 3 ? "2025" : "2024",
        month == 3 ? 1 : static_cast<int>(month) + 10,
        static_cast<int>(day) + 1,
        static_cast<int>(of_day / 3'600),
        static_cast<int>(of_day / 60 % 60),
        static_cast<int>(of_day % 60),
        offset_hours
    );
    return text.data();
}

std::string quoted(std::string_view text) {
    if (text.find_first_of(",\"\n") == std::string_view::npos) return std::string(text);
    std::string out = "\"";
    for (const char sign : text) out.append(sign == '"' ? 2 : 1, sign);
    return out + "\"";
}

std::string money(int cents) {
    std::array<char, 24> text{};
    std::snprintf(text.data(), text.size(), "%d.%02d", cents / 100, cents % 100);
    return text.data();
}

/// One order from its first to its last event.
class OrderTale {
  public:
    OrderTale(Dice& dice, LineQueue& lines, std::uint64_t number, std::int64_t at)
        : dice_(dice), lines_(lines), number_(number), at_(at), customer_(1 + dice.roll(400)) {}

    void tell() {
        add("OrderPlaced", "web", {}, 0, 0, dice_.chance(20) ? kNotes.at(dice_.roll(4)) : "");
        const std::uint64_t items = 1 + dice_.roll(3);
        int total = 0;
        for (std::uint64_t count = 0; count < items; ++count) total += add_item();
        if (dice_.chance(6)) return cancel();
        if (dice_.chance(8)) pay("PaymentFailed", total);
        pay("PaymentReceived", total);
        deliver();
        if (dice_.chance(7)) send_back(total);
    }

  private:
    int add_item() {
        const Item& item = kItems.at(dice_.roll(kItems.size()));
        const int quantity = 1 + static_cast<int>(dice_.roll(4));
        wait(5, 90);
        add("ItemAdded", "web", item.name, quantity, item.price_cents, "");
        return quantity * item.price_cents;
    }

    void cancel() {
        wait(60, 7'200);
        add("OrderCancelled", dice_.chance(50) ? "web" : clerk(), {}, 0, 0, "");
    }

    void pay(std::string_view what, int total) {
        wait(20, 600);
        add(what, "bank", {}, 0, total, "");
    }

    void deliver() {
        wait(1'800, 90'000);
        add("OrderPacked", clerk(), {}, 0, 0, "");
        wait(600, 20'000);
        add("OrderShipped", clerk(), {}, 0, 0, "");
        wait(40'000, 260'000);
        add("OrderDelivered", "courier", {}, 0, 0, "");
    }

    void send_back(int total) {
        wait(80'000, 600'000);
        add("ReturnAsked", "web", {}, 0, 0, "");
        wait(80'000, 300'000);
        add("MoneyReturned", clerk(), {}, 0, total, "");
    }

    std::string_view clerk() { return kClerks.at(dice_.roll(kClerks.size())); }

    void wait(std::uint64_t seconds_min, std::uint64_t seconds_max) {
        at_ += static_cast<std::int64_t>(seconds_min + dice_.roll(seconds_max - seconds_min));
    }

    void add(
        std::string_view what,
        std::string_view who,
        std::string_view item,
        int quantity,
        int cents,
        std::string_view note
    ) {
        std::string text = std::to_string(number_) + ',' + std::string(what) + ',' +
                           local_time(at_) + ',' + std::string(who) + ',' + quoted(item) + ',';
        if (quantity > 0) text += std::to_string(quantity);
        text += ',';
        if (cents > 0) text += money(cents);
        text += ",c" + std::to_string(customer_) + ',' + quoted(note);
        lines_.add(at_, std::move(text));
    }

    Dice& dice_;
    LineQueue& lines_;
    std::uint64_t number_;
    std::int64_t at_;
    std::uint64_t customer_;
};

}  // namespace

void write_demo_orders(std::ostream& out, std::uint64_t rows) {
    Dice dice;
    LineQueue lines(out, rows);
    const std::uint64_t seconds_apart = std::max<std::uint64_t>(1, 4'000'000 / (rows / 7 + 1));
    std::int64_t at = kStart;
    out << "order,event,at,by,item,quantity,price,customer,note\n";
    for (std::uint64_t number = 1001; !lines.is_enough(); ++number) {
        OrderTale(dice, lines, number, at).tell();
        at += static_cast<std::int64_t>(dice.roll(2 * seconds_apart));
        lines.write_until(at);  // no later order begins before
    }
    lines.write_until(std::numeric_limits<std::int64_t>::max());
}

}  // namespace annals::interchange
