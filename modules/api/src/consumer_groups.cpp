// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/api/consumer_groups.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <span>
#include <utility>

#include "annals/base/clock.hpp"
#include "annals/codec/wire.hpp"
#include "annals/model/names.hpp"
#include "annals/model/refusals.hpp"

namespace annals::api {
namespace {

constexpr std::array<std::string_view, 4> kStrategies = {
    "per_key", "round_robin", "dispatch_to_one", "pinned"
};
constexpr std::array<std::string_view, 6> kSettlings = {
    "ack", "retry", "park", "skip", "stop", "extend"
};
constexpr std::array<std::string_view, 3> kStates = {"running", "paused", "failed"};

template <typename Enum>
std::optional<Enum> find_word(std::span<const std::string_view> words, std::string_view text) {
    const auto found = std::ranges::find(words, text);
    if (found == words.end()) return std::nullopt;
    return static_cast<Enum>(found - words.begin());
}

/// A number of the settings: its name, where it lies, its default and bounds.
struct Number {
    std::string_view name;
    std::uint32_t GroupSettings::* member;
    std::uint32_t min;
    std::uint32_t max;
};

constexpr std::uint32_t kHourMs = 3'600'000;

constexpr std::array<Number, 14> kNumbers = {{
    {"members_max", &GroupSettings::members_max, 1, 1'024},
    {"member_in_flight_max", &GroupSettings::member_in_flight_max, 1, 10'000},
    {"key_in_flight_max", &GroupSettings::key_in_flight_max, 1, 1'000},
    {"ack_deadline_ms", &GroupSettings::ack_deadline_ms, 100, 24 * kHourMs},
    {"attempts_max", &GroupSettings::attempts_max, 1, 1'000'000},
    {"retry_base_ms", &GroupSettings::retry_base_ms, 1, kHourMs},
    {"retry_max_ms", &GroupSettings::retry_max_ms, 1, 24 * kHourMs},
    {"window_events_max", &GroupSettings::window_events_max, 16, 262'144},
    {"parked_events_max", &GroupSettings::parked_events_max, 1, 1'000'000},
    {"checkpoint_interval_ms", &GroupSettings::checkpoint_interval_ms, 10, 600'000},
    {"checkpoint_events_max", &GroupSettings::checkpoint_events_max, 1, 1'000'000},
    {"member_silence_ms", &GroupSettings::member_silence_ms, 1'000, 24 * kHourMs},
    {"stalled_after_ms", &GroupSettings::stalled_after_ms, 1'000, 24 * kHourMs},
    {"ready_lag_seconds", &GroupSettings::ready_lag_seconds, 0, 31'536'000},
}};

bool is_same_start(const SubscribeStart& a, const SubscribeStart& b) {
    if (a.index() != b.index()) return false;
    if (const auto* token = std::get_if<AfterToken>(&a)) {
        return token->token == std::get<AfterToken>(b).token;
    }
    if (const auto* position = std::get_if<FromPosition>(&a)) {
        return position->position == std::get<FromPosition>(b).position;
    }
    if (const auto* time = std::get_if<FromTime>(&a))
        return time->time == std::get<FromTime>(b).time;
    return true;
}

}  // namespace

Status check_group_settings(const GroupSettings& settings) {
    if (!settings.stream.empty()) {
        ANNALS_CHECK(model::check_stream_name(settings.stream));
        if (!settings.filter.is_everything()) {
            return model::refused(
                "filter", settings.stream, "a group is of one stream or of a filter, not of both"
            );
        }
    }
    ANNALS_CHECK(model::check_filter(settings.filter));
    if (std::holds_alternative<FromRevision>(settings.start)) {
        return model::refused(
            "start", "revision", "a group begins at the start, the end, a position or a time"
        );
    }
    const bool needs_name = settings.key.kind == GroupKeyKind::kTag ||
                            settings.key.kind == GroupKeyKind::kField;
    if (needs_name && settings.key.name.empty()) {
        return model::refused(
            "key", "", "name the tag or the field: tag:customer, field:/order/id"
        );
    }
    if (settings.key.name.size() > kGroupNameBytesMax) {
        return model::too_large("key", settings.key.name.size(), kGroupNameBytesMax, "bytes");
    }
    if (settings.key.kind == GroupKeyKind::kField && !settings.key.name.starts_with('/')) {
        return model::refused("key", settings.key.name, "a JSON pointer begins with /");
    }
    for (const Number& number : kNumbers) {
        const std::uint32_t value = settings.*number.member;
        if (value != 0 && (value < number.min || value > number.max)) {
            return model::refused(
                number.name,
                std::to_string(value),
                "it lies between " + std::to_string(number.min) + " and " +
                    std::to_string(number.max)
            );
        }
    }
    return ok();
}

GroupSettings with_group_defaults(GroupSettings settings) {
    const GroupSettings defaults;
    for (const Number& number : kNumbers) {
        if (settings.*number.member == 0) settings.*number.member = defaults.*number.member;
    }
    return settings;
}

std::vector<std::string> differing_group_settings(const GroupSettings& a, const GroupSettings& b) {
    std::vector<std::string> names;
    if (a.stream != b.stream) names.emplace_back("stream");
    if (a.filter != b.filter) names.emplace_back("filter");
    if (!is_same_start(a.start, b.start)) names.emplace_back("start");
    if (a.strategy != b.strategy) names.emplace_back("strategy");
    if (a.key != b.key) names.emplace_back("key");
    for (const Number& number : kNumbers) {
        if (a.*number.member != b.*number.member) names.emplace_back(number.name);
    }
    return names;
}

std::string_view to_string(GroupStrategy strategy) {
    return kStrategies[static_cast<std::size_t>(strategy)];
}

std::optional<GroupStrategy> parse_group_strategy(std::string_view text) {
    return find_word<GroupStrategy>(kStrategies, text);
}

std::string to_string(const GroupKey& key) {
    switch (key.kind) {
        case GroupKeyKind::kStream:
            return "stream";
        case GroupKeyKind::kTag:
            return "tag:" + key.name;
        case GroupKeyKind::kField:
            return "field:" + key.name;
        case GroupKeyKind::kCorrelation:
            return "correlation";
    }
    return "stream";
}

std::optional<GroupKey> parse_group_key(std::string_view text) {
    if (text == "stream") return GroupKey{};
    if (text == "correlation") return GroupKey{GroupKeyKind::kCorrelation, {}};
    if (text.starts_with("tag:")) return GroupKey{GroupKeyKind::kTag, std::string(text.substr(4))};
    if (text.starts_with("field:")) {
        return GroupKey{GroupKeyKind::kField, std::string(text.substr(6))};
    }
    return std::nullopt;
}

std::string_view to_string(GroupState state) { return kStates[static_cast<std::size_t>(state)]; }

std::optional<GroupState> parse_group_state(std::string_view text) {
    return find_word<GroupState>(kStates, text);
}

std::string_view to_string(Settling settling) {
    return kSettlings[static_cast<std::size_t>(settling)];
}

std::optional<Settling> parse_settling(std::string_view text) {
    return find_word<Settling>(kSettlings, text);
}

GroupDeliveries GroupDeliveries::take_first(std::size_t events_max) {
    if (events_max == 0 || events_max >= deliveries.size()) return std::exchange(*this, {});
    GroupDeliveries first;
    model::EventBatch rest;
    codec::FieldReader reader(events.bytes());
    while (reader.next()) {
        (first.events.size() < events_max ? first.events : rest).add_message(reader.bytes());
    }
    events = std::move(rest);
    const auto count = static_cast<std::ptrdiff_t>(events_max);
    first.deliveries.assign(deliveries.begin(), deliveries.begin() + count);
    deliveries.erase(deliveries.begin(), deliveries.begin() + count);
    first.attempts.assign(attempts.begin(), attempts.begin() + count);
    attempts.erase(attempts.begin(), attempts.begin() + count);
    return first;
}

struct GroupMembership::Waiter {
    std::mutex mutex;
    std::condition_variable woken;
    bool is_woken = false;
};

Result<bool> GroupMembership::next(
    GroupDeliveries& deliveries, std::int64_t deadline_ns, std::uint32_t events_max
) {
    if (!waiter_) {
        waiter_ = std::make_shared<Waiter>();
        set_waker([waiter = waiter_] {
            const std::lock_guard lock(waiter->mutex);
            waiter->is_woken = true;
            waiter->woken.notify_one();
        });
    }
    while (true) {
        ANNALS_TRY(const bool has_some, try_next(deliveries, events_max));
        if (has_some) return true;
        constexpr std::int64_t kHourNs = 3'600'000'000'000;
        std::unique_lock lock(waiter_->mutex);
        const std::int64_t left_ns = deadline_ns - system_clock().monotonic_ns();
        const auto wait = std::chrono::nanoseconds(left_ns > kHourNs ? kHourNs : left_ns);
        const bool is_woken = waiter_->woken.wait_for(lock, wait, [&] {
            return waiter_->is_woken;
        });
        if (!is_woken && left_ns <= kHourNs) return false;
        waiter_->is_woken = false;
    }
}

}  // namespace annals::api
