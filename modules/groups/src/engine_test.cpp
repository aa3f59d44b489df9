// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "engine.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace annals::groups {
namespace {

using api::Settlement;
using api::Settling;

/// An engine, a clock moved by hand and the log's next position.
class GroupEngine : public ::testing::Test {
  protected:
    GroupEngine() { settings_.attempts_max = 3; }

    Engine& engine() {
        if (!engine_) engine_ = std::make_unique<Engine>(settings_, state_, 1'000);
        return *engine_;
    }
    [[nodiscard]] Now now() const { return {ns_, TimeNs(ns_)}; }
    void pass_ms(std::int64_t ms) {
        ns_ += ms * kNsPerMs;
        engine().tick(now());
    }
    /// The next event of the log.
    Position offer(const std::string& key) {
        const Position at(++last_);
        engine().offer({at, key, TimeNs(ns_), "m" + std::to_string(last_)});
        engine().tick(now());
        return at;
    }
    MemberId join(const std::string& name = "m", std::uint32_t in_flight_max = 0) {
        auto id = engine().join({name, in_flight_max, false}, now());
        EXPECT_TRUE(id);
        return id ? *id : 0;
    }
    std::vector<Delivery> take(MemberId member) {
        std::vector<Delivery> out;
        EXPECT_TRUE(engine().take(member, 0, 1u << 20u, out));
        return out;
    }
    std::vector<Position> positions(MemberId member) {
        std::vector<Position> list;
        for (const Delivery& one : take(member)) {
            list.push_back(one.position);
            held_[one.position] = one.id;
        }
        return list;
    }
    /// The code of the refusal, if it was refused.
    std::optional<ErrorCode> settle(MemberId member, DeliveryId delivery, Settling what) {
        std::vector<api::RefusedSettlement> refused;
        const Status status = engine().settle(
            member, {Settlement{delivery, what, "it failed", {}}}, now(), refused
        );
        if (!status) return status.error().code();
        if (refused.empty()) return std::nullopt;
        return refused.front().error.code();
    }
    std::optional<ErrorCode> settle(MemberId member, Position at, Settling what) {
        return settle(member, held_[at], what);
    }
    /// What a new start finds, had all been written down now.
    DurableState restart() {
        for (const Change& change : engine().take_changes()) apply(change);
        state_.checkpoint = engine().checkpoint();
        engine_.reset();
        return state_;
    }
    void apply(const Change& change);

    using P = std::vector<Position>;
    api::GroupSettings settings_;
    DurableState state_;
    std::unique_ptr<Engine> engine_;
    std::int64_t ns_ = 0;
    std::uint64_t last_ = 0;
    std::map<Position, DeliveryId> held_;
};

/// Of the kinds that the tests here use.
void GroupEngine::apply(const Change& change) {
    for (const Position at : change.positions) {
        std::erase_if(state_.backlog, [&](const BacklogEvent& e) { return e.position == at; });
        if (change.kind == ChangeKind::kParked || change.kind == ChangeKind::kQueued) {
            state_.backlog.push_back(
                {.key = change.key, .position = at, .is_parked = change.kind == ChangeKind::kParked}
            );
        }
    }
}

TEST_F(GroupEngine, GivesTheEventsOfAKeyOneAfterTheOther) {
    const MemberId m = join();
    const Position a1 = offer("a");
    const Position a2 = offer("a");
    const Position b1 = offer("b");
    EXPECT_EQ(positions(m), (P{a1, b1}));
    EXPECT_EQ(settle(m, a1, Settling::kAck), std::nullopt);
    EXPECT_EQ(positions(m), (P{a2}));
}

TEST_F(GroupEngine, OfAKeySoManyAreInFlightAndNoMoreAllWithOneMember) {
    settings_.key_in_flight_max = 2;
    const MemberId one = join("one");
    const P a{offer("a"), offer("a"), offer("a"), offer("a")};
    const Position b = offer("b");
    EXPECT_EQ(positions(one), (P{a[0], a[1], b}));
    const MemberId other = join("other");
    EXPECT_EQ(positions(other), P{}) << "the key is with the first";
    EXPECT_EQ(settle(one, a[1], Settling::kAck), std::nullopt);
    EXPECT_EQ(positions(one), (P{a[2]}));
    EXPECT_EQ(settle(one, a[0], Settling::kAck), std::nullopt);
    EXPECT_EQ(settle(one, a[2], Settling::kAck), std::nullopt);
    EXPECT_EQ(positions(one).size() + positions(other).size(), 1u);
}

TEST_F(GroupEngine, TheCheckpointWaitsForTheOldestUnfinishedEvent) {
    const MemberId m = join();
    const Position a = offer("a");
    const Position b = offer("b");
    const Position c = offer("c");
    engine().read_up_to(Position(20));
    (void)positions(m);
    (void)settle(m, b, Settling::kAck);
    const Checkpoint early = engine().checkpoint();
    EXPECT_EQ(early.low, Position(0));
    EXPECT_EQ(early.finished, (std::vector<std::pair<Position, Position>>{{b, b}}));
    (void)settle(m, a, Settling::kAck);
    EXPECT_EQ(engine().checkpoint().low, b);
    (void)settle(m, c, Settling::kAck);
    EXPECT_EQ(engine().checkpoint(), (Checkpoint{Position(20), {}}));
}

TEST_F(GroupEngine, ARestartGoesOnAfterWhatWasFinished) {
    MemberId m = join();
    const Position a = offer("a");
    const Position b = offer("b");
    (void)positions(m);
    (void)settle(m, b, Settling::kAck);
    restart();
    m = join();
    last_ = 0;
    offer("a");
    offer("b");
    const Position c = offer("c");
    EXPECT_EQ(positions(m), (P{a, c}));
}

TEST_F(GroupEngine, ALateAcknowledgementOfAPausedMemberIsRefusedAndChangesNothing) {
    settings_.ack_deadline_ms = 1'000;
    const MemberId zombie = join("zombie");
    const Position a = offer("a");
    (void)positions(zombie);
    const DeliveryId late = held_[a];
    const MemberId other = join("other");
    pass_ms(1'000);
    EXPECT_EQ(positions(other), (P{a}));
    EXPECT_EQ(settle(zombie, late, Settling::kAck), ErrorCode::kDeliveryOver);
    EXPECT_EQ(engine().checkpoint().low, Position(0));
    EXPECT_EQ(settle(zombie, held_[a], Settling::kAck), ErrorCode::kDeliveryOver);
    EXPECT_EQ(settle(other, a, Settling::kAck), std::nullopt);
    EXPECT_EQ(engine().checkpoint().low, a);
}

TEST_F(GroupEngine, AnAcknowledgementAtTheDeadlineIsLateThoughNobodyLookedYet) {
    settings_.ack_deadline_ms = 1'000;
    const MemberId m = join();
    const Position a = offer("a");
    (void)positions(m);
    ns_ += 1'000 * kNsPerMs;
    EXPECT_EQ(settle(m, a, Settling::kAck), ErrorCode::kDeliveryOver);
}

TEST_F(GroupEngine, ASilentMemberGetsNothingUntilItIsHeardOf) {
    settings_.ack_deadline_ms = 1'000;
    const MemberId m = join();
    const Position a = offer("a");
    (void)positions(m);
    pass_ms(1'000);
    EXPECT_EQ(positions(m), P{});
    EXPECT_TRUE(engine().members().front().is_silent);
    EXPECT_EQ(settle(m, held_[a], Settling::kAck), ErrorCode::kDeliveryOver);
    EXPECT_EQ(positions(m), (P{a}));
}

TEST_F(GroupEngine, AMemberThatLeavesGivesBackInOrderAtOnce) {
    settings_.key_in_flight_max = 4;
    const MemberId m = join("first");
    const P events{offer("a"), offer("a"), offer("b")};
    EXPECT_EQ(positions(m).size(), 3u);
    const MemberId other = join("other");
    engine().leave(m, true, now());
    P all = positions(other);
    std::erase(all, events[2]);
    EXPECT_EQ(all, (P{events[0], events[1]}));
    EXPECT_EQ(settle(m, held_[events[0]], Settling::kAck), ErrorCode::kMemberGone);
}

TEST_F(GroupEngine, WhatIsGivenBackOfAParkedKeyWaitsBehindTheParkedEvent) {
    settings_.key_in_flight_max = 4;
    const MemberId m = join();
    const P events{offer("a"), offer("a"), offer("a")};
    EXPECT_EQ(positions(m), events);
    (void)settle(m, events[0], Settling::kPark);
    (void)settle(m, events[1], Settling::kRetry);
    EXPECT_EQ(engine().find_parked(events[0])->queued, 1u);
    EXPECT_EQ(engine().counts().unfinished, 1u) << "the one that is in flight";
    EXPECT_EQ(engine().retried(), 0u);
    (void)settle(m, events[2], Settling::kAck);
    EXPECT_EQ(engine().checkpoint().low, events[2]);
    engine().purge_parked(events[0], now());
    EXPECT_EQ(engine().counts().backlog, 0u);
    EXPECT_EQ(engine().counts().window, 0u);
}

TEST_F(GroupEngine, ADeadlineThatPassesIsAFailureWithTheEventAndHowOften) {
    settings_.ack_deadline_ms = 1'000;
    settings_.attempts_max = 2;
    const MemberId m = join("slow");
    const Position a = offer("a");
    EXPECT_FALSE(engine().last_failure());
    (void)positions(m);
    pass_ms(1'000);
    ASSERT_TRUE(engine().last_failure());
    EXPECT_EQ(engine().last_failure()->position, a);
    EXPECT_EQ(engine().last_failure()->member, "slow");
    EXPECT_EQ(engine().last_failure()->reason, "its deadline passed without an answer");
    const MemberId other = join("slower");
    EXPECT_EQ(positions(other), (P{a}));
    pass_ms(1'000);
    const api::ParkedEvent* const parked = engine().find_parked(a);
    ASSERT_NE(parked, nullptr);
    EXPECT_EQ(parked->error, "its deadline passed 2 times without an answer");
    EXPECT_EQ(parked->member, "slower");
    EXPECT_EQ(engine().last_failure()->reason, parked->error);
    EXPECT_EQ(engine().last_failure()->member, "slower");
    EXPECT_EQ(engine().last_failure()->time, now().time);
}

TEST_F(GroupEngine, TheLastFailureIsThatOfTheRunBefore) {
    state_.last_failure = Failure{Position(7), "m", "it failed", TimeNs(5)};
    EXPECT_EQ(engine().last_failure(), state_.last_failure);
    const MemberId m = join();
    const Position a = offer("a");
    EXPECT_EQ(positions(m), (P{a}));
    EXPECT_FALSE(settle(m, a, Settling::kRetry));
    EXPECT_EQ(engine().last_failure()->position, a);
}

TEST_F(GroupEngine, AnEventThatIsParkedForItsMemberWasGoneIsAFailure) {
    settings_.attempts_max = 2;
    const Position a = offer("a");
    for (int attempt = 1; attempt <= 2; ++attempt) {
        EXPECT_FALSE(engine().last_failure());
        const MemberId m = join("frail");
        EXPECT_EQ(positions(m), (P{a}));
        engine().leave(m, true, now());
    }
    ASSERT_NE(engine().find_parked(a), nullptr);
    ASSERT_TRUE(engine().last_failure());
    EXPECT_EQ(engine().last_failure()->position, a);
    EXPECT_EQ(engine().last_failure()->member, "frail");
    EXPECT_EQ(engine().last_failure()->reason, engine().find_parked(a)->error);
}

TEST_F(GroupEngine, WhatIsRetriedIsCountedUntilItIsFinished) {
    const MemberId m = join();
    const Position a = offer("a");
    const Position a2 = offer("a");
    (void)positions(m);
    (void)settle(m, a, Settling::kPark);
    EXPECT_EQ(engine().retried(), 0u);
    engine().retry_parked(a, now());
    EXPECT_EQ(engine().retried(), 2u);
    EXPECT_EQ(positions(m), (P{a}));
    (void)settle(m, a, Settling::kRetry);
    EXPECT_EQ(engine().retried(), 2u) << "it rests";
    pass_ms(60'000);
    (void)positions(m);
    (void)settle(m, a, Settling::kAck);
    EXPECT_EQ(engine().retried(), 1u);
    EXPECT_EQ(positions(m), (P{a2}));
    (void)settle(m, a2, Settling::kPark);
    EXPECT_EQ(engine().retried(), 0u);
    EXPECT_EQ(engine().counts().backlog, 1u);
}

TEST_F(GroupEngine, TheOldestUnprocessedEventMayBeOneThatIsRetried) {
    ns_ = 1'000 * kNsPerMs;
    const TimeNs first = now().time;
    const MemberId m = join();
    const Position a = offer("a");
    pass_ms(1'000);
    const TimeNs second = now().time;
    offer("a");
    pass_ms(1'000);
    const TimeNs third = now().time;
    offer("b");
    (void)positions(m);
    EXPECT_EQ(engine().oldest_unfinished(), first);
    (void)settle(m, a, Settling::kPark);
    EXPECT_EQ(engine().oldest_unfinished(), third) << "what is parked, and waits behind it, is not";
    engine().retry_parked(a, now());
    EXPECT_EQ(engine().oldest_unfinished(), first);
    (void)positions(m);
    EXPECT_EQ(engine().oldest_unfinished(), first) << "it is in flight";
    (void)settle(m, a, Settling::kPark);
    EXPECT_EQ(engine().oldest_unfinished(), third) << "it is parked again";
    engine().skip_parked(a, now());
    EXPECT_EQ(engine().oldest_unfinished(), second) << "what waited behind it goes out";
    for (const Delivery& one : take(m)) (void)settle(m, one.id, Settling::kAck);
    EXPECT_EQ(engine().oldest_unfinished(), third);
}

TEST_F(GroupEngine, TheAgeOfWhatWasParkedBeforeARestartIsAskedFor) {
    ns_ = 1'000 * kNsPerMs;
    MemberId m = join();
    const P events{offer("a"), offer("a")};
    (void)positions(m);
    (void)settle(m, events[0], Settling::kPark);
    restart();
    EXPECT_EQ(engine().oldest_of_unknown_age(), std::nullopt) << "it is parked";
    engine().retry_parked(events[0], now());
    EXPECT_EQ(engine().oldest_of_unknown_age(), events[0]);
    EXPECT_EQ(engine().oldest_unfinished(), std::nullopt);
    engine().set_recorded_time(events[0], TimeNs(5));
    EXPECT_EQ(engine().oldest_of_unknown_age(), std::nullopt);
    EXPECT_EQ(engine().oldest_unfinished(), TimeNs(5));
    m = join();
    (void)positions(m);
    (void)settle(m, events[0], Settling::kAck);
    EXPECT_EQ(engine().oldest_of_unknown_age(), events[1]);
    // One that was retried when the server stopped is so still.
    restart();
    EXPECT_EQ(engine().retried(), 1u);
    EXPECT_EQ(engine().oldest_of_unknown_age(), events[1]);
}

TEST_F(GroupEngine, RetriesLaterAndLaterThenParksTheKeyAlone) {
    settings_.retry_base_ms = 100;
    const MemberId m = join();
    const Position a = offer("a");
    const Position a2 = offer("a");
    const Position b = offer("b");
    EXPECT_EQ(positions(m), (P{a, b}));
    (void)settle(m, a, Settling::kRetry);
    EXPECT_EQ(positions(m), P{});
    pass_ms(100);
    EXPECT_EQ(positions(m), (P{a}));
    (void)settle(m, a, Settling::kRetry);
    pass_ms(199);
    EXPECT_EQ(positions(m), P{});
    pass_ms(1);
    EXPECT_EQ(positions(m), (P{a}));
    (void)settle(m, a, Settling::kRetry);
    const auto parked = engine().parked(Position(0), 10);
    ASSERT_EQ(parked.size(), 1u);
    EXPECT_EQ(parked[0].at, a);
    EXPECT_EQ(parked[0].attempts, 3u);
    EXPECT_EQ(parked[0].error, "it failed");
    EXPECT_EQ(parked[0].queued, 1u);
    const Position a3 = offer("a");
    const Position c = offer("c");
    EXPECT_EQ(positions(m), (P{c}));
    EXPECT_EQ(engine().queued_behind(a, 10), (P{a2, a3}));
    (void)settle(m, b, Settling::kAck);
    (void)settle(m, c, Settling::kAck);
    EXPECT_EQ(engine().checkpoint().low, c);
}

TEST_F(GroupEngine, ParkedKeysSurviveARestartAndGoOnInOrderWhenRetried) {
    MemberId m = join();
    const Position a = offer("a");
    const Position a2 = offer("a");
    (void)positions(m);
    (void)settle(m, a, Settling::kPark);
    EXPECT_TRUE(engine().has_urgent_changes());
    restart();
    m = join();
    const Position a3 = offer("a");
    EXPECT_EQ(positions(m), P{});
    engine().retry_parked(a, now());
    EXPECT_EQ(positions(m), (P{a}));
    (void)settle(m, a, Settling::kAck);
    EXPECT_EQ(positions(m), (P{a2}));
    (void)settle(m, a2, Settling::kAck);
    EXPECT_EQ(positions(m), (P{a3}));
    (void)settle(m, a3, Settling::kAck);
    EXPECT_EQ(engine().counts().backlog, 0u);
    EXPECT_EQ(engine().checkpoint().low, a3);
}

TEST_F(GroupEngine, SkippingGoesOnBehindPurgingTakesAll) {
    const MemberId m = join();
    const Position a = offer("a");
    const Position a2 = offer("a");
    const Position b = offer("b");
    offer("b");
    (void)positions(m);
    (void)settle(m, a, Settling::kPark);
    (void)settle(m, b, Settling::kPark);
    engine().skip_parked(a, now());
    EXPECT_EQ(positions(m), (P{a2}));
    engine().purge_parked(b, now());
    EXPECT_EQ(positions(m), P{});
    EXPECT_EQ(engine().counts().backlog, 1u);  // a2, until it is acknowledged
    (void)settle(m, a2, Settling::kAck);
    EXPECT_EQ(engine().counts().backlog, 0u);
}

TEST_F(GroupEngine, AFullBacklogHoldsBackWhatIsNewAndNotWhatIsRetried) {
    settings_.parked_events_max = 1;
    const MemberId m = join();
    const Position a = offer("a");
    (void)positions(m);
    (void)settle(m, a, Settling::kPark);
    EXPECT_FALSE(engine().has_room());
    const Position b = offer("b");
    EXPECT_EQ(positions(m), P{});
    engine().retry_parked(a, now());
    EXPECT_EQ(positions(m), (P{a}));
    (void)settle(m, a, Settling::kAck);
    EXPECT_EQ(positions(m), (P{b}));
    EXPECT_TRUE(engine().has_room());
}

TEST_F(GroupEngine, TheWindowIsBoundedByTheOldestUnfinishedEvent) {
    settings_.window_events_max = 16;
    const MemberId m = join();
    const Position first = offer("slow");
    (void)positions(m);
    while (engine().has_room()) {
        const Position at = offer("k" + std::to_string(last_));
        (void)positions(m);
        (void)settle(m, at, Settling::kAck);
    }
    EXPECT_EQ(engine().counts().window, 16u);
    (void)settle(m, first, Settling::kAck);
    EXPECT_TRUE(engine().has_room());
    EXPECT_EQ(engine().counts().window, 0u);
}

TEST_F(GroupEngine, AMemberNeverHasMoreThanItAskedFor) {
    const MemberId m = join("m", 2);
    for (int i = 0; i < 5; ++i) offer("k" + std::to_string(i));
    const P first = positions(m);
    EXPECT_EQ(first.size(), 2u);
    (void)settle(m, first[0], Settling::kAck);
    EXPECT_EQ(positions(m).size(), 1u);
}

TEST_F(GroupEngine, APollingMemberGetsWhatItWantsAndIsGoneWhenSilent) {
    settings_.member_silence_ms = 5'000;
    const auto m = engine().join({"poller", 0, true}, now());
    ASSERT_TRUE(m);
    offer("a");
    offer("b");
    offer("c");
    EXPECT_EQ(positions(*m), P{});
    ASSERT_TRUE(engine().want(*m, 2, now()));
    EXPECT_EQ(positions(*m).size(), 2u);
    pass_ms(5'000);
    EXPECT_EQ(engine().want(*m, 1, now()).error().code(), ErrorCode::kMemberGone);
    EXPECT_EQ(engine().counts().in_flight, 0u);
}

TEST_F(GroupEngine, CountsTheMembersThatWouldTakeMore) {
    settings_.ack_deadline_ms = 1'000;
    auto polling = engine().join({"polling", 0, true}, now());
    ASSERT_TRUE(polling);
    EXPECT_EQ(engine().counts().takers, 0u) << "it has asked for nothing";
    EXPECT_TRUE(engine().want(*polling, 1, now()));
    EXPECT_EQ(engine().counts().takers, 1u);
    offer("a");
    EXPECT_EQ(engine().counts().takers, 0u) << "it has what it asked for";
    join("listening", 2);
    EXPECT_EQ(engine().counts().takers, 1u);
    offer("b");
    EXPECT_EQ(engine().counts().takers, 1u);
    pass_ms(1'000);
    EXPECT_EQ(engine().counts().takers, 0u) << "both are silent";
}

TEST_F(GroupEngine, WhatAMemberSettledComesBackToItAlone) {
    const MemberId x = join("x");
    const MemberId y = join("y");
    for (int i = 0; i < 8; ++i) offer("k" + std::to_string(i));
    const P at_x = positions(x);
    const P at_y = positions(y);
    EXPECT_EQ(at_x.size(), 4u);
    EXPECT_EQ(at_y.size(), 4u);
    for (int i = 0; i < 8; ++i) offer("k" + std::to_string(i));
    (void)engine().take_woken();
    std::vector<Settlement> settled;
    for (const Position at : at_x) settled.push_back({held_[at]});
    std::vector<api::RefusedSettlement> refused;
    ASSERT_TRUE(engine().settle(x, settled, now(), refused));
    EXPECT_EQ(engine().take_woken(), std::vector<MemberId>{x});
    EXPECT_EQ(positions(x).size(), 4u);
    EXPECT_EQ(positions(y), P{});
}

TEST_F(GroupEngine, WhoHasLeastInHandIsNextAndTakesTurnsWithItsLike) {
    const MemberId x = join("x");
    for (int i = 0; i < 3; ++i) offer("a" + std::to_string(i));
    EXPECT_EQ(positions(x).size(), 3u);
    const MemberId y = join("y");
    const MemberId z = join("z");
    for (int i = 0; i < 9; ++i) offer("b" + std::to_string(i));
    EXPECT_EQ(positions(x).size(), 1u);
    EXPECT_EQ(positions(y).size(), 4u);
    EXPECT_EQ(positions(z).size(), 4u);
}

TEST_F(GroupEngine, RoundRobinTakesTurnsAndParksOneEventAlone) {
    settings_.strategy = api::GroupStrategy::kRoundRobin;
    const MemberId x = join("x");
    const MemberId y = join("y");
    const P events{offer("a"), offer("a"), offer("a"), offer("a")};
    EXPECT_EQ(positions(x), (P{events[0], events[2]}));
    EXPECT_EQ(positions(y), (P{events[1], events[3]}));
    (void)settle(x, events[0], Settling::kPark);
    const Position next = offer("a");
    EXPECT_EQ(positions(x), (P{next}));
}

TEST_F(GroupEngine, DispatchToOneFillsTheFirstMemberThenTheNext) {
    settings_.strategy = api::GroupStrategy::kDispatchToOne;
    const MemberId x = join("x", 2);
    const MemberId y = join("y", 2);
    const P events{offer("a"), offer("b"), offer("c")};
    EXPECT_EQ(positions(x), (P{events[0], events[1]}));
    EXPECT_EQ(positions(y), (P{events[2]}));
}

TEST_F(GroupEngine, PinnedKeysStayWithTheirMemberAndMoveWhenItGoes) {
    settings_.strategy = api::GroupStrategy::kPinned;
    const MemberId x = join("x");
    const MemberId y = join("y");
    std::map<std::string, MemberId> home;
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 40; ++i) {
            const std::string key = "k" + std::to_string(i);
            const Position at = offer(key);
            const bool at_x = positions(x) == P{at};
            const bool at_y = positions(y) == P{at};
            ASSERT_NE(at_x, at_y);
            const MemberId owner = at_x ? x : y;
            const auto [known, is_new] = home.try_emplace(key, owner);
            EXPECT_EQ(known->second, owner);
            (void)settle(owner, at, Settling::kAck);
        }
    }
    EXPECT_GT(std::ranges::count(home, x, [](const auto& one) { return one.second; }), 5);
    EXPECT_GT(std::ranges::count(home, y, [](const auto& one) { return one.second; }), 5);
    for (int i = 0; i < 40; ++i) offer("k" + std::to_string(i));
    const auto at_x = positions(x);
    const auto at_y = positions(y);
    engine().leave(x, true, now());
    EXPECT_EQ(positions(y).size(), at_x.size());
}

TEST_F(GroupEngine, PausingHoldsBackWhatIsNewAndTakesAcknowledgements) {
    const MemberId m = join();
    const Position a = offer("a");
    (void)positions(m);
    engine().set_paused(true);
    offer("b");
    EXPECT_EQ(positions(m), P{});
    EXPECT_EQ(settle(m, a, Settling::kAck), std::nullopt);
    EXPECT_EQ(positions(m), P{});
    engine().set_paused(false);
    pass_ms(0);
    EXPECT_EQ(positions(m).size(), 1u);
}

TEST_F(GroupEngine, StoppingGivesBackUncountedAndLeaves) {
    settings_.attempts_max = 1;
    const MemberId m = join();
    const Position a = offer("a");
    (void)positions(m);
    (void)settle(m, a, Settling::kStop);
    EXPECT_EQ(settle(m, a, Settling::kAck), ErrorCode::kMemberGone);
    const MemberId other = join();
    EXPECT_EQ(positions(other), (P{a}));
}

TEST_F(GroupEngine, ExtendingBeginsTheDeadlineAnew) {
    settings_.ack_deadline_ms = 1'000;
    const MemberId m = join();
    const Position a = offer("a");
    (void)positions(m);
    pass_ms(900);
    (void)settle(m, a, Settling::kExtend);
    pass_ms(900);
    EXPECT_EQ(settle(m, a, Settling::kAck), std::nullopt);
}

}  // namespace
}  // namespace annals::groups
