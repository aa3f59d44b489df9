// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

// The contract of api::ConsumerGroups: what every body does. A body is a factory and one line:
//
//     ANNALS_CONSUMER_GROUPS_CONTRACT(Direct, ConsumerGroupsBody{"memory", …});
//
// Codes and fields are checked, never sentences.

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "annals/api/consumer_groups.hpp"
#include "annals/api/event_store.hpp"
#include "annals/api/group_history.hpp"
#include "annals/base/clock.hpp"
#include "annals/base/testing/comes_true.hpp"

namespace annals::conformance {

/// Fresh stores of one server: events and groups.
class ConsumerGroupsHost {
  public:
    ConsumerGroupsHost() = default;
    ConsumerGroupsHost(const ConsumerGroupsHost&) = delete;
    ConsumerGroupsHost& operator=(const ConsumerGroupsHost&) = delete;
    virtual ~ConsumerGroupsHost() = default;

    virtual api::EventStore& events() = 0;
    virtual api::ConsumerGroups& groups() = 0;
};

struct ConsumerGroupsBody {
    std::string name;
    std::function<std::unique_ptr<ConsumerGroupsHost>()> make_host;
};

inline std::ostream& operator<<(std::ostream& out, const ConsumerGroupsBody& body) {
    return out << body.name;
}

/// An event as a member got it.
struct Got {
    std::string stream;
    std::string data;
    Position at;
    std::uint64_t delivery = 0;
    std::uint32_t attempt = 0;
};

class ConsumerGroupsContract : public ::testing::TestWithParam<ConsumerGroupsBody> {
  protected:
    using Members = std::vector<std::unique_ptr<api::GroupMembership>>;
    using Texts = std::vector<std::string>;

    ConsumerGroupsContract() : host_(GetParam().make_host()) {}

    api::ConsumerGroups& groups() { return host_->groups(); }
    api::EventStore& events() { return host_->events(); }

    template <typename T>
    static T must(Result<T> result) {
        EXPECT_TRUE(result) << (result ? "" : result.error().to_string());
        if (!result) return T{};
        return std::move(*result);
    }
    template <typename R>
    static std::optional<ErrorCode> code_of(const R& result) {
        if (result) return std::nullopt;
        return result.error().code();
    }

    Position append(const std::string& stream, const std::string& data, const char* tag = nullptr) {
        model::NewEvent event;
        event.stream = stream;
        event.type = "happened";
        event.data = data;
        event.content_type = "text/plain";
        if (tag != nullptr) event.tags.emplace_back(tag);
        model::AppendRequest request;
        request.events.push_back(event);
        return must(events().append_and_wait({}, request)).last_position;
    }
    api::GroupStatus create(const std::string& group, api::GroupSettings settings = {}) {
        return must(groups().create({}, {group, std::move(settings), "ann"}));
    }
    std::unique_ptr<api::GroupMembership> join(
        const std::string& group, const std::string& member = "m", std::uint32_t in_flight = 0
    ) {
        return must(groups().join({}, {group, member, in_flight, false}));
    }
    /// Waits until so many have come.
    std::vector<Got> take(api::GroupMembership& member, std::size_t count) {
        std::vector<Got> got;
        const std::int64_t until = system_clock().monotonic_ns() + 60'000'000'000;
        while (got.size() < count) {
            api::GroupDeliveries deliveries;
            const auto has_some = member.next(deliveries, until);
            EXPECT_TRUE(has_some) << (has_some ? "" : has_some.error().to_string());
            if (!has_some || !*has_some) {
                EXPECT_EQ(got.size(), count) << "no delivery came in time";
                return got;
            }
            std::size_t i = 0;
            const Status read = deliveries.events.for_each([&](const model::RecordedEvent& event) {
                got.push_back(
                    {std::string(event.stream),
                     std::string(event.data),
                     event.position,
                     deliveries.deliveries.at(i),
                     deliveries.attempts.at(i)}
                );
                ++i;
                return ok();
            });
            EXPECT_TRUE(read);
            EXPECT_EQ(i, deliveries.deliveries.size());
        }
        return got;
    }
    static Texts texts(const std::vector<Got>& got) {
        Texts list;
        list.reserve(got.size());
        for (const Got& one : got) list.push_back(one.data);
        return list;
    }
    /// Codes of what was refused.
    std::vector<ErrorCode> settle(
        api::GroupMembership& member,
        const std::vector<Got>& got,
        api::Settling what = api::Settling::kAck
    ) {
        std::vector<api::Settlement> settled;
        settled.reserve(got.size());
        for (const Got& one : got) settled.push_back({one.delivery, what, "it failed", {}});
        std::vector<ErrorCode> codes;
        for (const auto& refused : must(member.settle(settled))) {
            codes.push_back(refused.error.code());
        }
        return codes;
    }
    static api::GroupSettings quick() {
        api::GroupSettings settings;
        settings.retry_base_ms = 1;
        settings.retry_max_ms = 1;
        settings.attempts_max = 2;
        return settings;
    }
    /// Over the wire a member is gone a little later: until then it could still be given events.
    void wait_until_all_left(const std::string& group) {
        EXPECT_TRUE(base::testing::comes_true([&] {
            return must(groups().get({}, group)).members.empty();
        })) << "a member has not left";
    }
    /// A group in which the first event of `a` is parked and "a2" waits behind it.
    Position with_parked(const std::string& group) {
        create(group, quick());
        const Position at = append("a", "a1");
        append("a", "a2");
        {
            const auto member = join(group);
            settle(*member, take(*member, 1), api::Settling::kPark);
        }
        wait_until_all_left(group);
        // The group may read the second event only now.
        EXPECT_TRUE(base::testing::comes_true([&] {
            return !must(groups().get_parked({}, group, at)).queued.empty();
        })) << "the second event was not read";
        return at;
    }

    static constexpr std::size_t kManyKeys = 600;
    static constexpr std::size_t kManySeconds = 100;  ///< keys that have a second event

    void append_many(std::size_t keys, const char* data) {
        std::vector<std::string> streams;
        for (std::size_t i = 0; i < keys; ++i) streams.push_back("many-" + std::to_string(i));
        model::AppendRequest request;
        for (const std::string& stream : streams) {
            model::NewEvent& event = request.events.emplace_back();
            event.stream = stream;
            event.type = "happened";
            event.data = data;
            event.content_type = "text/plain";
        }
        must(events().append_and_wait({}, request));
    }
    /// A group that may park three events, and had all of append_many in hand when they failed:
    /// many keys, more than one durable step, and far more events than twice the bound.
    std::unique_ptr<api::GroupMembership> with_many_parked(const std::string& group) {
        api::GroupSettings settings = quick();
        settings.parked_events_max = 3;
        settings.member_in_flight_max = 1'000;
        create(group, settings);
        const auto waiting = [&] { return must(groups().get({}, group)).waiting; };
        EXPECT_TRUE(base::testing::comes_true([&] { return waiting() == kManyKeys + kManySeconds; })
        ) << waiting();
        auto member = join(group);
        EXPECT_TRUE(settle(*member, take(*member, kManyKeys), api::Settling::kPark).empty());
        const auto status = must(groups().get({}, group));
        EXPECT_EQ(status.parked_keys, kManyKeys);
        EXPECT_EQ(status.parked_events, kManyKeys + kManySeconds);
        EXPECT_EQ(status.waits_for, "parked");
        return member;
    }
    std::uint64_t change_all(
        const std::string& group, api::ParkedAction action, std::uint32_t limit = 0
    ) {
        api::ChangeParkedRequest change;
        change.group = group;
        change.action = action;
        change.all = true;
        change.limit = limit;
        change.reason = "test data";
        return must(groups().change_parked({}, change));
    }

  private:
    std::unique_ptr<ConsumerGroupsHost> host_;
};

TEST_P(ConsumerGroupsContract, CreatingAgainIsNoChangeOtherSettingsAreRefused) {
    const auto first = create("orders");
    EXPECT_EQ(first.group, "orders");
    EXPECT_EQ(first.state, api::GroupState::kRunning);
    EXPECT_EQ(create("orders").generation, first.generation);
    api::GroupSettings other;
    other.strategy = api::GroupStrategy::kPinned;
    other.attempts_max = 3;
    const auto refused = groups().create({}, {"orders", other, ""});
    ASSERT_EQ(code_of(refused), ErrorCode::kGroupExists);
    EXPECT_EQ(refused.error().field("differs"), "strategy, attempts_max");
}

TEST_P(ConsumerGroupsContract, WhatIsNotThereIsNotFound) {
    EXPECT_EQ(code_of(groups().get({}, "none")), ErrorCode::kGroupNotFound);
    EXPECT_EQ(code_of(groups().join({}, {"none", "m", 0, false})), ErrorCode::kGroupNotFound);
    create("orders");
    EXPECT_EQ(
        code_of(groups().get_parked({}, "orders", Position(1))), ErrorCode::kParkedEventNotFound
    );
    api::ChangeParkedRequest change;
    change.group = "orders";
    change.positions = {Position(1)};
    EXPECT_EQ(code_of(groups().change_parked({}, change)), ErrorCode::kParkedEventNotFound);
}

TEST_P(ConsumerGroupsContract, BadSettingsNameTheField) {
    api::GroupSettings settings;
    settings.ack_deadline_ms = 1;
    auto refused = groups().create({}, {"orders", settings, ""});
    ASSERT_EQ(code_of(refused), ErrorCode::kInvalidArgument);
    EXPECT_EQ(refused.error().field("field"), "ack_deadline_ms");
    settings = {};
    settings.key.kind = api::GroupKeyKind::kField;
    settings.key.name = "no-pointer";
    refused = groups().create({}, {"orders", settings, ""});
    ASSERT_EQ(code_of(refused), ErrorCode::kInvalidArgument);
    EXPECT_EQ(refused.error().field("field"), "key");
    EXPECT_EQ(code_of(groups().create({}, {"", {}, ""})), ErrorCode::kInvalidArgument);
}

TEST_P(ConsumerGroupsContract, GivesHistoryAndWhatComesLaterOncePerKeyInOrder) {
    append("a", "a1");
    append("a", "a2");
    append("b", "b1");
    create("orders");
    const auto member = join("orders");
    const auto first = take(*member, 2);
    EXPECT_EQ(texts(first), (Texts{"a1", "b1"}));
    EXPECT_EQ(first[0].attempt, 1u);
    EXPECT_TRUE(settle(*member, first).empty());
    const auto second = take(*member, 1);
    EXPECT_EQ(texts(second), (Texts{"a2"}));
    settle(*member, second);
    append("c", "live");
    const auto third = take(*member, 1);
    EXPECT_EQ(texts(third), (Texts{"live"}));
    settle(*member, third);
    const auto status = must(groups().get({}, "orders"));
    EXPECT_EQ(status.behind, 0u);
    EXPECT_TRUE(status.is_behind_exact);
    EXPECT_EQ(status.handled, 4u);
    EXPECT_EQ(status.checkpoint, Position(4));
}

TEST_P(ConsumerGroupsContract, MembersShareTheEvents) {
    create("orders");
    // One that asks gets what it has room for, also all of it: so neither has room for all.
    const auto x = join("orders", "x", 5);
    const auto y = join("orders", "y", 5);
    for (int i = 0; i < 10; ++i) append("s-" + std::to_string(i), std::to_string(i));
    const auto at_x = take(*x, 5);
    const auto at_y = take(*y, 5);
    EXPECT_EQ(at_x.size(), 5u);
    EXPECT_EQ(at_y.size(), 5u);
    std::set<Position> all;
    for (const auto& got : at_x) all.insert(got.at);
    for (const auto& got : at_y) all.insert(got.at);
    EXPECT_EQ(all.size(), 10u);
}

TEST_P(ConsumerGroupsContract, AMemberGetsNoMoreAtATimeThanItAsksFor) {
    create("orders");
    for (int i = 0; i < 5; ++i) append("s-" + std::to_string(i), std::to_string(i));
    const auto member = join("orders");
    Texts got;
    // Fewer may come: what has been read by then.
    for (std::uint32_t round = 0; got.size() < 5; ++round) {
        const std::uint32_t asked = 1 + (round + 1) % 2;
        api::GroupDeliveries deliveries;
        const std::int64_t until = system_clock().monotonic_ns() + 60'000'000'000;
        ASSERT_TRUE(must(member->next(deliveries, until, asked)));
        EXPECT_LE(deliveries.deliveries.size(), asked);
        EXPECT_EQ(deliveries.events.size(), deliveries.deliveries.size());
        EXPECT_EQ(deliveries.attempts.size(), deliveries.deliveries.size());
        for (const auto& event : must(deliveries.events.decode())) got.emplace_back(event.data);
        EXPECT_TRUE(must(member->settle({{deliveries.deliveries.front()}})).empty());
    }
    EXPECT_EQ(got, (Texts{"0", "1", "2", "3", "4"}));
}

TEST_P(ConsumerGroupsContract, AMemberThatGoesGivesItsEventsToTheOthersAtOnce) {
    create("orders");
    append("a", "a1");
    append("b", "b1");
    auto x = join("orders", "x");
    EXPECT_EQ(take(*x, 2).size(), 2u);
    const auto y = join("orders", "y");
    x.reset();
    const auto got = take(*y, 2);
    EXPECT_EQ(texts(got), (Texts{"a1", "b1"}));
    EXPECT_EQ(got[0].attempt, 2u);
}

TEST_P(ConsumerGroupsContract, ALateAcknowledgementIsRefused) {
    api::GroupSettings settings;
    settings.ack_deadline_ms = 100;
    create("orders", settings);
    append("a", "a1");
    const auto zombie = join("orders", "zombie");
    const auto late = take(*zombie, 1);
    const auto other = join("orders", "other");
    const auto got = take(*other, 1);  // once the deadline is over
    EXPECT_EQ(settle(*zombie, late), std::vector{ErrorCode::kDeliveryOver});
    EXPECT_EQ(must(groups().get({}, "orders")).handled, 0u);
}

TEST_P(ConsumerGroupsContract, WhatFailsTooOftenIsParkedAndTheOtherKeysGoOn) {
    create("orders", quick());
    const Position at = append("a", "a1");
    append("b", "b1");
    const auto member = join("orders");
    auto got = take(*member, 2);
    settle(*member, {got[0]}, api::Settling::kRetry);
    settle(*member, {got[1]});
    got = take(*member, 1);
    EXPECT_EQ(got[0].attempt, 2u);
    settle(*member, got, api::Settling::kRetry);
    append("a", "a2");
    append("b", "b2");
    EXPECT_EQ(texts(take(*member, 1)), (Texts{"b2"}));
    const auto list = must(groups().list_parked({}, {"orders", Position(0), 10}));
    ASSERT_EQ(list.parked.size(), 1u);
    EXPECT_EQ(list.parked[0].key, "a");
    EXPECT_EQ(list.parked[0].at, at);
    EXPECT_EQ(list.parked[0].attempts, 2u);
    EXPECT_EQ(list.parked[0].error, "it failed");
    EXPECT_EQ(list.parked[0].member, "m");
    EXPECT_EQ(list.parked[0].queued, 1u);
    const auto status = must(groups().get({}, "orders"));
    EXPECT_EQ(status.parked_keys, 1u);
    EXPECT_EQ(status.parked_events, 2u);
    EXPECT_EQ(
        status.last_error,
        "member \"m\" could not handle the event at position " + std::to_string(at.value) +
            ": it failed"
    );
    EXPECT_NE(status.last_error_time, TimeNs());
}

TEST_P(ConsumerGroupsContract, AParkedEventIsEditedAndRetriedBeforeWhatWaits) {
    const Position at = with_parked("orders");
    api::EditParkedRequest edit;
    edit.group = "orders";
    edit.at = at;
    edit.data = "mended";
    EXPECT_EQ(code_of(groups().edit_parked({}, edit)), ErrorCode::kInvalidArgument);  // no reason
    edit.reason = "the amount was wrong";
    edit.actor = "ann";
    EXPECT_TRUE(groups().edit_parked({}, edit));
    const auto details = must(groups().get_parked({}, "orders", at));
    EXPECT_TRUE(details.parked.is_edited);
    EXPECT_EQ(details.queued, std::vector{at.next()});
    const auto shown = must(details.event.decode());
    ASSERT_EQ(shown.size(), 1u);
    EXPECT_EQ(shown[0].data, "mended");
    EXPECT_EQ(shown[0].stream, "a");
    api::ChangeParkedRequest retry;
    retry.group = "orders";
    retry.all = true;
    EXPECT_EQ(must(groups().change_parked({}, retry)), 1u);
    const auto member = join("orders");
    auto got = take(*member, 1);
    EXPECT_EQ(texts(got), (Texts{"mended"}));
    settle(*member, got);
    got = take(*member, 1);
    EXPECT_EQ(texts(got), (Texts{"a2"}));
    settle(*member, got);
    EXPECT_EQ(must(groups().get({}, "orders")).parked_events, 0u);
}

TEST_P(ConsumerGroupsContract, WhatIsRetriedIsBehindAndWhatIsParkedIsNot) {
    const Position at = with_parked("orders");
    const auto count = [&] {
        const auto status = must(groups().get({}, "orders"));
        return std::pair(status.behind, status.parked_events);
    };
    EXPECT_EQ(count(), std::pair(std::uint64_t{0}, std::uint64_t{2}));
    api::ChangeParkedRequest retry;
    retry.group = "orders";
    retry.positions = {at};
    must(groups().change_parked({}, retry));
    EXPECT_EQ(count(), std::pair(std::uint64_t{2}, std::uint64_t{0})) << "nobody has them yet";
    const auto member = join("orders");
    auto got = take(*member, 1);
    settle(*member, got, api::Settling::kRetry);
    EXPECT_EQ(count(), std::pair(std::uint64_t{2}, std::uint64_t{0})) << "it rests";
    got = take(*member, 1);
    settle(*member, got);
    EXPECT_EQ(count(), std::pair(std::uint64_t{1}, std::uint64_t{0}));
    settle(*member, take(*member, 1));
    EXPECT_EQ(count(), std::pair(std::uint64_t{0}, std::uint64_t{0}));
}

TEST_P(ConsumerGroupsContract, SkippingGoesOnBehindItPurgingTakesAll) {
    const Position first = with_parked("skips");
    api::ChangeParkedRequest change;
    change.group = "skips";
    change.action = api::ParkedAction::kSkip;
    change.positions = {first};
    EXPECT_EQ(code_of(groups().change_parked({}, change)), ErrorCode::kInvalidArgument);
    change.reason = "known";
    change.limit = 5;
    const auto bounded = groups().change_parked({}, change);
    ASSERT_FALSE(bounded) << "positions are not counted off";
    EXPECT_EQ(bounded.error().field("field"), "limit");
    change.limit = 0;
    EXPECT_EQ(must(groups().change_parked({}, change)), 1u);
    const auto member = join("skips");
    EXPECT_EQ(texts(take(*member, 1)), (Texts{"a2"}));

    create("purges", quick());
    const auto other = join("purges");
    settle(*other, take(*other, 1), api::Settling::kPark);
    change.group = "purges";
    change.action = api::ParkedAction::kPurge;
    EXPECT_EQ(must(groups().change_parked({}, change)), 1u);
    EXPECT_EQ(must(groups().get({}, "purges")).parked_events, 0u);
    append("a", "a3");
    EXPECT_EQ(texts(take(*other, 1)), (Texts{"a3"}));
}

TEST_P(ConsumerGroupsContract, PurgingAllPurgesAllThatIsParkedHoweverMuch) {
    append_many(kManyKeys, "first");
    append_many(kManySeconds, "second");
    const auto member = with_many_parked("purges");
    EXPECT_EQ(change_all("purges", api::ParkedAction::kPurge, 5), 5u) << "the first so many";
    EXPECT_EQ(change_all("purges", api::ParkedAction::kPurge), kManyKeys - 5);
    const auto status = must(groups().get({}, "purges"));
    EXPECT_EQ(status.parked_keys, 0u);
    EXPECT_EQ(status.parked_events, 0u);
    EXPECT_EQ(status.behind, 0u);
    EXPECT_EQ(status.waits_for, "");
    EXPECT_EQ(change_all("purges", api::ParkedAction::kPurge), 0u) << "again is nothing more";
    append("many-0", "third");
    EXPECT_EQ(texts(take(*member, 1)), (Texts{"third"})) << "it goes on";
}

TEST_P(ConsumerGroupsContract, SkippingAllSkipsAllThatIsParkedAndNothingBehindIt) {
    append_many(kManyKeys, "first");
    append_many(kManySeconds, "second");
    const auto member = with_many_parked("skips");
    EXPECT_EQ(change_all("skips", api::ParkedAction::kSkip), kManyKeys);
    const auto got = take(*member, kManySeconds);
    EXPECT_EQ(texts(got), Texts(kManySeconds, "second"));
    EXPECT_TRUE(settle(*member, got).empty());
    const auto status = must(groups().get({}, "skips"));
    EXPECT_EQ(status.parked_events, 0u);
    EXPECT_EQ(status.behind, 0u);
}

TEST_P(ConsumerGroupsContract, RetryingAllRetriesAllThatIsParkedInOrderOfTheKeys) {
    append_many(kManyKeys, "first");
    append_many(kManySeconds, "second");
    auto member = with_many_parked("retries");
    member.reset();
    wait_until_all_left("retries");
    EXPECT_EQ(change_all("retries", api::ParkedAction::kRetry), kManyKeys);
    auto status = must(groups().get({}, "retries"));
    EXPECT_EQ(status.parked_events, 0u);
    EXPECT_EQ(status.behind, kManyKeys + kManySeconds);
    EXPECT_GT(status.seconds_behind, 0) << "what is retried is as far behind as it is old";
    member = join("retries");
    auto got = take(*member, kManyKeys);
    EXPECT_EQ(texts(got), Texts(kManyKeys, "first"));
    EXPECT_TRUE(settle(*member, got).empty());
    got = take(*member, kManySeconds);
    EXPECT_EQ(texts(got), Texts(kManySeconds, "second"));
    EXPECT_TRUE(settle(*member, got).empty());
    status = must(groups().get({}, "retries"));
    EXPECT_EQ(status.behind, 0u);
    EXPECT_EQ(status.seconds_behind, 0);
}

TEST_P(ConsumerGroupsContract, PausedGroupsGiveNothingOut) {
    create("orders");
    const auto paused = must(groups().control({}, {"orders", api::GroupCommand::kPause, {}, "", ""})
    );
    EXPECT_EQ(paused.state, api::GroupState::kPaused);
    const auto member = join("orders");
    append("a", "a1");
    api::GroupDeliveries deliveries;
    EXPECT_FALSE(must(member->next(deliveries, system_clock().monotonic_ns() + 50'000'000)));
    must(groups().control({}, {"orders", api::GroupCommand::kResume, {}, "", ""}));
    EXPECT_EQ(texts(take(*member, 1)), (Texts{"a1"}));
}

TEST_P(ConsumerGroupsContract, RewindingGivesAgainAndEndsMemberships) {
    create("orders");
    append("a", "a1");
    append("b", "b1");
    const auto member = join("orders");
    settle(*member, take(*member, 2));
    api::ControlGroupRequest rewind{"orders", api::GroupCommand::kRewind, {}, "", "ann"};
    rewind.to = api::FromPosition{Position(2)};
    EXPECT_EQ(code_of(groups().control({}, rewind)), ErrorCode::kInvalidArgument);  // no reason
    rewind.reason = "the read model was lost";
    const auto status = must(groups().control({}, rewind));
    EXPECT_EQ(status.generation, 2u);
    EXPECT_EQ(status.checkpoint, Position(1));
    EXPECT_EQ(code_of(member->settle({})), ErrorCode::kMemberGone);
    const auto again = join("orders");
    EXPECT_EQ(texts(take(*again, 1)), (Texts{"b1"}));
    rewind.to = api::FromPosition{Position(99)};
    const auto beyond = groups().control({}, rewind);
    ASSERT_FALSE(beyond);
    EXPECT_EQ(beyond.error().code(), ErrorCode::kTokenBeyondEnd);
    EXPECT_EQ(beyond.error().field("field"), "to");
    rewind.to = api::AfterToken{"nonsense"};
    const auto unknown = groups().control({}, rewind);
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().field("field"), "to");
}

TEST_P(ConsumerGroupsContract, ABeginningThatIsNoneIsNamedAsItWasGiven) {
    api::GroupSettings settings;
    settings.start = api::FromPosition{Position(99)};
    const auto beyond = groups().create({}, {"orders", settings, "ann"});
    ASSERT_FALSE(beyond);
    EXPECT_EQ(beyond.error().field("field"), "start");
}

TEST_P(ConsumerGroupsContract, AResetForgetsWhatIsParked) {
    const Position at = with_parked("orders");
    must(groups().control({}, {"orders", api::GroupCommand::kReset, {}, "again", "ann"}));
    EXPECT_EQ(code_of(groups().get_parked({}, "orders", at)), ErrorCode::kParkedEventNotFound);
    const auto member = join("orders");
    EXPECT_EQ(texts(take(*member, 1)), (Texts{"a1"}));
}

TEST_P(ConsumerGroupsContract, ADeletedGroupIsGoneAndBeginsAnew) {
    create("orders");
    append("a", "a1");
    const auto member = join("orders");
    settle(*member, take(*member, 1));
    must(groups().control({}, {"orders", api::GroupCommand::kDelete, {}, "old", "ann"}));
    EXPECT_EQ(code_of(groups().get({}, "orders")), ErrorCode::kGroupNotFound);
    EXPECT_EQ(code_of(member->settle({})), ErrorCode::kMemberGone);
    EXPECT_TRUE(must(groups().list({}, {})).groups.empty());
    create("orders");
    api::GroupDeliveries none;
    EXPECT_EQ(code_of(member->try_next(none, 1)), ErrorCode::kMemberGone);
    const auto again = join("orders");
    EXPECT_EQ(texts(take(*again, 1)), (Texts{"a1"}));
}

TEST_P(ConsumerGroupsContract, BeginsWhereItsSettingsSay) {
    append("a", "a1");
    const Position second = append("b", "b1");
    api::GroupSettings settings;
    settings.start = api::FromEnd{};
    create("end", settings);
    settings.start = api::FromPosition{second};
    create("position", settings);
    settings.start = api::FromTime{system_clock().now()};
    create("time", settings);
    append("c", "c1");
    EXPECT_EQ(texts(take(*join("end"), 1)), (Texts{"c1"}));
    EXPECT_EQ(texts(take(*join("position"), 2)), (Texts{"b1", "c1"}));
    EXPECT_EQ(texts(take(*join("time"), 1)), (Texts{"c1"}));
}

TEST_P(ConsumerGroupsContract, ReadsWhatItsFilterSaysAndKeysByTag) {
    api::GroupSettings settings;
    settings.filter.categories = {"order"};
    settings.key = {api::GroupKeyKind::kTag, "customer"};
    create("orders", settings);
    append("order-1", "1", "customer:ann");
    append("other-1", "no", "customer:ann");
    append("order-2", "2", "customer:ann");
    append("order-3", "3", "customer:bob");
    const auto member = join("orders");
    EXPECT_EQ(texts(take(*member, 2)), (Texts{"1", "3"}));
    const auto status = must(groups().get({}, "orders"));
    EXPECT_EQ(status.behind, 3u);
    EXPECT_TRUE(status.is_behind_exact);
    EXPECT_EQ(status.settings.filter.categories, (Texts{"order"}));
    EXPECT_EQ(api::to_string(status.settings.key), "tag:customer");
}

TEST_P(ConsumerGroupsContract, AGroupOfOneStreamKeepsItsOrder) {
    api::GroupSettings settings;
    settings.stream = "a";
    create("one", settings);
    append("a", "a1");
    append("b", "no");
    append("a", "a2");
    const auto member = join("one");
    auto got = take(*member, 1);
    EXPECT_EQ(texts(got), (Texts{"a1"}));
    settle(*member, got);
    EXPECT_EQ(texts(take(*member, 1)), (Texts{"a2"}));
}

TEST_P(ConsumerGroupsContract, UpdatesTakeEffectAndAreShown) {
    create("orders");
    api::GroupSettings settings;
    settings.members_max = 1;
    const auto updated = must(groups().update({}, {"orders", settings, "fewer", "ann"}));
    EXPECT_EQ(updated.settings.members_max, 1u);
    const auto member = join("orders");
    const auto full = groups().join({}, {"orders", "second", 0, false});
    EXPECT_EQ(code_of(full), ErrorCode::kGroupFull);
}

TEST_P(ConsumerGroupsContract, AMembershipLastsWhileKeysKeepTheirOrder) {
    create("orders");
    const auto member = join("orders");
    api::GroupSettings settings;
    settings.member_in_flight_max = 7;
    must(groups().update({}, {"orders", settings, "a number", "ann"}));
    EXPECT_TRUE(member->settle({}));
    settings.key_in_flight_max = 2;
    must(groups().update({}, {"orders", settings, "order does not matter", "ann"}));
    EXPECT_EQ(code_of(member->settle({})), ErrorCode::kMemberGone);
    const auto again = join("orders");
    settings.key_in_flight_max = 3;
    must(groups().update({}, {"orders", settings, "nor does it here", "ann"}));
    EXPECT_TRUE(again->settle({}));
    settings.key_in_flight_max = 1;
    must(groups().update({}, {"orders", settings, "it does", "ann"}));
    EXPECT_EQ(code_of(again->settle({})), ErrorCode::kMemberGone);
}

TEST_P(ConsumerGroupsContract, AnUpdateOfWhatSomebodyChangedSinceIsAConflict) {
    const Revision read = create("orders").revision;
    api::GroupSettings settings;
    settings.members_max = 2;
    const auto updated = must(groups().update({}, {"orders", settings, "", "ann", read}));
    EXPECT_EQ(updated.revision, read.next());
    settings.members_max = 3;
    const auto late = groups().update({}, {"orders", settings, "", "bob", read});
    ASSERT_EQ(code_of(late), ErrorCode::kConflict);
    EXPECT_EQ(late.error().field("current_revision"), std::to_string(updated.revision.value));
    const auto* details = late.error().details<model::ConflictDetails>();
    ASSERT_NE(details, nullptr);
    ASSERT_EQ(details->failed_checks.size(), 1u);
    const model::FailedCheck& check = details->failed_checks[0];
    EXPECT_EQ(check.stream, "$group-orders");
    EXPECT_EQ(check.expected, model::ExpectedRevision::exactly(read));
    EXPECT_EQ(check.current_revision, updated.revision);
    EXPECT_EQ(must(groups().get({}, "orders")).settings.members_max, 2u);
    must(groups().control({}, {"orders", api::GroupCommand::kPause, {}, "", ""}));
    EXPECT_EQ(
        code_of(groups().update({}, {"orders", settings, "", "", updated.revision})),
        ErrorCode::kConflict
    ) << "a pause is a change";
    EXPECT_EQ(must(groups().update({}, {"orders", settings, "", ""})).settings.members_max, 3u);
}

TEST_P(ConsumerGroupsContract, TheStatusSaysWhatItWaitsFor) {
    create("orders");
    append("a", "a1");
    auto member = join("orders", "host-1", 7);
    take(*member, 1);
    auto status = must(groups().get({}, "orders"));
    EXPECT_EQ(status.waits_for, "acknowledgements");
    ASSERT_EQ(status.members.size(), 1u);
    EXPECT_EQ(status.members[0].name, "host-1");
    EXPECT_EQ(status.members[0].in_flight, 1u);
    EXPECT_EQ(status.members[0].in_flight_max, 7u);
    EXPECT_GT(status.seconds_behind, 0);
    EXPECT_EQ(status.behind, 1u);
}

TEST_P(ConsumerGroupsContract, GroupsAreListedByName) {
    for (const char* name : {"c", "a", "b"}) create(name);
    const auto page = must(groups().list({}, {"", "", 2}));
    ASSERT_EQ(page.groups.size(), 2u);
    EXPECT_EQ(page.groups[0].group, "a");
    EXPECT_EQ(page.next, "b");
    const auto rest = must(groups().list({}, {"", page.next, 2}));
    ASSERT_EQ(rest.groups.size(), 1u);
    EXPECT_EQ(rest.groups[0].group, "c");
    EXPECT_EQ(rest.next, "");
}

TEST_P(ConsumerGroupsContract, ACreationKeepsItsReason) {
    must(groups().create({}, {"orders", {}, "ann", "bills go out monthly"}));
    // It is there already: nothing is done, and nothing recorded.
    must(groups().create({}, {"orders", {}, "bob", "another one"}));
    const auto told = must(groups().history({}, {"orders", "", 0, false}));
    ASSERT_EQ(told.entries.size(), 1u);
    EXPECT_EQ(told.entries[0].deed, api::GroupDeed::kCreated);
    EXPECT_EQ(told.entries[0].actor, "ann");
    EXPECT_EQ(told.entries[0].reason, "bills go out monthly");
    const std::string long_text(api::kGroupTextBytesMax + 1, 'x');
    EXPECT_EQ(
        code_of(groups().create({}, {"others", {}, "ann", long_text})), ErrorCode::kLimitExceeded
    );
    EXPECT_EQ(code_of(groups().get({}, "others")), ErrorCode::kGroupNotFound);
}

TEST_P(ConsumerGroupsContract, TheHistorySaysWhoDidWhatAndWhyNewestFirst) {
    EXPECT_EQ(code_of(groups().history({}, {"orders", "", 0, false})), ErrorCode::kGroupNotFound);
    const Position at = with_parked("orders");
    must(groups().control({}, {"orders", api::GroupCommand::kPause, {}, "too fast", "ann"}));
    must(groups().control({}, {"orders", api::GroupCommand::kResume, {}, "", ""}));
    api::GroupSettings settings = quick();
    settings.members_max = 7;
    must(groups().update({}, {"orders", settings, "more members", "bob"}));
    api::EditParkedRequest edit;
    edit.group = "orders";
    edit.at = at;
    edit.data = "mended";
    edit.reason = "a typing error";
    edit.actor = "carl";
    EXPECT_TRUE(groups().edit_parked({}, edit));
    api::ChangeParkedRequest purge;
    purge.group = "orders";
    purge.action = api::ParkedAction::kPurge;
    purge.positions = {at};
    purge.reason = "a test order";
    purge.actor = "dora";
    must(groups().change_parked({}, purge));
    api::ControlGroupRequest rewind{"orders", api::GroupCommand::kRewind, {}, "again", "eve"};
    rewind.to = api::FromPosition{Position(2)};
    must(groups().control({}, rewind));
    must(groups().control({}, {"orders", api::GroupCommand::kDelete, {}, "old", "finn"}));

    const auto all = must(groups().history({}, {"orders", "", 0, false}));
    EXPECT_EQ(all.next, "");
    Texts told;
    for (const api::GroupHistoryEntry& entry : all.entries) {
        told.push_back(
            std::string(api::to_string(entry.deed)) + " " + entry.actor + ": " + entry.reason
        );
    }
    EXPECT_EQ(
        told,
        (Texts{
            "deleted finn: old",
            "rewound eve: again",
            "purged dora: a test order",
            "edited carl: a typing error",
            "updated bob: more members",
            "resumed : ",
            "paused ann: too fast",
            "created ann: "
        })
    );
    ASSERT_EQ(all.entries.size(), 8u);
    for (std::size_t i = 1; i < all.entries.size(); ++i) {
        EXPECT_GE(all.entries[i - 1].time, all.entries[i].time);
    }
    EXPECT_EQ(all.entries[1].begins_after, Position(1));
    EXPECT_EQ(all.entries[1].generation, 2u);
    EXPECT_EQ(all.entries[2].positions, (std::vector{at, at.next()}));
    EXPECT_EQ(all.entries[2].events, 2u);
    EXPECT_EQ(all.entries[3].key, "a");
    EXPECT_EQ(all.entries[4].differs, (Texts{"members_max"}));
    ASSERT_TRUE(all.entries[4].settings);
    EXPECT_EQ(all.entries[4].settings->members_max, 7u);
    ASSERT_TRUE(all.entries[7].settings);
    EXPECT_EQ(all.entries[7].settings->members_max, 64u);

    // What the group did by itself lies between.
    const auto everything = must(groups().history({}, {"orders", "", 0, true}));
    const auto parked = std::ranges::find(
        everything.entries, api::GroupDeed::kParked, &api::GroupHistoryEntry::deed
    );
    ASSERT_NE(parked, everything.entries.end());
    EXPECT_EQ(parked->positions, std::vector{at});
    EXPECT_EQ(parked->error, "it failed");
    EXPECT_EQ(parked->member, "m");
    EXPECT_EQ(parked->attempts, 1u);
    EXPECT_EQ(parked->actor, "");
}

TEST_P(ConsumerGroupsContract, PagesOfAHistoryMeetAndStayWhenSomethingIsAdded) {
    create("orders");
    for (int i = 0; i < 3; ++i) {
        must(groups().control({}, {"orders", api::GroupCommand::kPause, {}, "", "ann"}));
        must(groups().control({}, {"orders", api::GroupCommand::kResume, {}, "", "ann"}));
    }
    std::vector<api::GroupDeed> deeds;
    api::GroupHistoryRequest request{"orders", "", 2, false};
    do {
        const auto page = must(groups().history({}, request));
        EXPECT_LE(page.entries.size(), 2u);
        for (const auto& entry : page.entries) deeds.push_back(entry.deed);
        request.after = page.next;
        // Something new comes in front and moves no page.
        must(groups().control({}, {"orders", api::GroupCommand::kPause, {}, "", "bob"}));
        must(groups().control({}, {"orders", api::GroupCommand::kResume, {}, "", "bob"}));
    } while (!request.after.empty() && !HasFailure());
    using Deed = api::GroupDeed;
    EXPECT_EQ(
        deeds,
        (std::vector{
            Deed::kResumed,
            Deed::kPaused,
            Deed::kResumed,
            Deed::kPaused,
            Deed::kResumed,
            Deed::kPaused,
            Deed::kCreated
        })
    );
    for (const char* const foreign : {"x", "1", "1.", ".1", "1.2x", "-1.2"}) {
        const auto refused = groups().history({}, {"orders", foreign, 0, false});
        ASSERT_EQ(code_of(refused), ErrorCode::kInvalidArgument) << foreign;
        EXPECT_EQ(refused.error().field("field"), "after");
    }
    EXPECT_EQ(
        code_of(groups().history({}, {"orders", "", 5'000, false})), ErrorCode::kLimitExceeded
    );
}

TEST_P(ConsumerGroupsContract, ManyEventsComeOnceInOrderOfTheirKeys) {
    api::GroupSettings settings;
    settings.window_events_max = 512;
    create("orders", settings);
    constexpr int kEvents = 3'000;
    for (int i = 0; i < kEvents; i += 100) {
        model::AppendRequest request;
        std::vector<std::string> streams;
        std::vector<std::string> texts;
        for (int j = i; j < i + 100; ++j) {
            streams.push_back("s-" + std::to_string(j % 37));
            texts.push_back(std::to_string(j));
        }
        for (int j = 0; j < 100; ++j) {
            model::NewEvent& event = request.events.emplace_back();
            event.stream = streams[static_cast<std::size_t>(j)];
            event.type = "happened";
            event.data = texts[static_cast<std::size_t>(j)];
        }
        must(events().append_and_wait({}, request));
    }
    Members members;
    for (int i = 0; i < 4; ++i) members.push_back(join("orders", "m" + std::to_string(i)));
    std::map<std::string, Position> last;
    std::size_t count = 0;
    while (count < kEvents) {
        for (const auto& member : members) {
            api::GroupDeliveries deliveries;
            const std::int64_t until = system_clock().monotonic_ns() + 5'000'000;
            if (!must(member->next(deliveries, until))) continue;
            std::vector<api::Settlement> acks;
            acks.reserve(deliveries.deliveries.size());
            for (const auto delivery : deliveries.deliveries) acks.push_back({delivery});
            ASSERT_TRUE(deliveries.events.for_each([&](const model::RecordedEvent& event) {
                EXPECT_LT(last[std::string(event.stream)], event.position);
                last[std::string(event.stream)] = event.position;
                return ok();
            }));
            EXPECT_TRUE(must(member->settle(acks)).empty());
            count += acks.size();
        }
    }
    EXPECT_EQ(must(groups().get({}, "orders")).behind, 0u);
}

#define ANNALS_CONSUMER_GROUPS_CONTRACT(suite, ...) \
    INSTANTIATE_TEST_SUITE_P(                       \
        suite,                                      \
        ConsumerGroupsContract,                     \
        ::testing::Values(__VA_ARGS__),             \
        [](const auto& i) { return i.param.name; }  \
    )

}  // namespace annals::conformance
