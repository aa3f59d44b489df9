// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// The engine against a model that is a list and no more: 32 members, 10,000 keys, failures, broken
// members, zombies, pauses, retries of what is parked, and restarts. ANNALS_ROUNDS makes it
// longer.
#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "annals/base/testing/rounds.hpp"

#include "engine.hpp"

namespace annals::groups {
namespace {

using api::Settlement;
using api::Settling;

/// What is right: for each key its events in order, and what became of each.
struct Model {
    struct Event {
        std::size_t key = 0;
        bool is_over = false;  ///< acknowledged or skipped
    };
    std::vector<Event> events;                     ///< position - 1
    std::vector<std::vector<std::uint64_t>> keys;  ///< positions
    std::map<std::uint64_t, std::pair<MemberId, DeliveryId>> held;

    /// Nothing before it in its key is open.
    [[nodiscard]] bool is_next(std::uint64_t position) const {
        for (const std::uint64_t other : keys[events[position - 1].key]) {
            if (other == position) return true;
            if (!events[other - 1].is_over) return false;
        }
        return false;
    }
};

class Simulation {
  public:
    Simulation(
        std::uint64_t seed,
        api::GroupStrategy strategy,
        std::size_t keys,
        std::size_t events,
        std::uint32_t key_in_flight_max = 1
    )
        : random_(seed) {
        settings_.key_in_flight_max = key_in_flight_max;
        settings_.strategy = strategy;
        settings_.attempts_max = 3;
        settings_.ack_deadline_ms = 1'000;
        settings_.retry_base_ms = 10;
        settings_.window_events_max = 2'048;
        settings_.member_in_flight_max = 16;
        model_.keys.resize(keys);
        for (std::size_t i = 0; i < events; ++i) {
            const std::size_t key = below(keys);
            model_.events.push_back({key, false});
            model_.keys[key].push_back(i + 1);
        }
        saved_events_ = model_.events;
        open();
    }

    void run(int steps) {
        for (int i = 0; i < steps && !::testing::Test::HasFatalFailure(); ++i) step();
        finish();
    }

    std::uint64_t restarts = 0, parkings = 0, zombies = 0;
    std::size_t most_of_a_key = 0;  ///< that were in flight at a time

  private:
    std::size_t below(std::size_t n) { return random_() % n; }
    bool chance(int percent) { return below(100) < static_cast<std::size_t>(percent); }
    [[nodiscard]] Now now() const { return {ns_, TimeNs(ns_)}; }

    void open() {
        engine_ = std::make_unique<Engine>(settings_, saved_, 1'000'000'000ull * ++opened_);
        read_ = saved_.checkpoint.low.value;
        members_.clear();
        model_.held.clear();
    }

    void save() {
        for (const Change& change : engine_->take_changes()) apply(change);
        engine_->changes_written();
        saved_.checkpoint = engine_->checkpoint();
        saved_events_ = model_.events;
    }

    void apply(const Change& change) {
        for (const Position at : change.positions) {
            if (change.kind == ChangeKind::kParked) {
                std::erase_if(saved_.backlog, [&](const auto& e) { return e.position == at; });
            }
            const bool is_added = change.kind == ChangeKind::kParked ||
                                  change.kind == ChangeKind::kQueued;
            if (is_added) {
                BacklogEvent event;
                event.key = change.key;
                event.position = at;
                event.is_parked = change.kind == ChangeKind::kParked;
                saved_.backlog.push_back(event);
            } else if (change.kind == ChangeKind::kRetried) {
                for (BacklogEvent& event : saved_.backlog) {
                    if (event.position == at) event.is_parked = false;
                }
            } else {
                std::erase_if(saved_.backlog, [&](const auto& e) { return e.position == at; });
            }
        }
        std::ranges::sort(saved_.backlog, {}, &BacklogEvent::position);
    }

    /// All was lost that was not saved.
    void crash() {
        ++restarts;
        model_.events = saved_events_;
        open();
    }

    void read_some() {
        for (std::size_t i = 0; i < 64 && engine_->has_room(); ++i) {
            if (read_ == model_.events.size()) break;
            ++read_;
            const std::string key = "key-" + std::to_string(model_.events[read_ - 1].key);
            engine_->offer({Position(read_), key, TimeNs(ns_), "x"});
        }
        engine_->tick(now());
    }

    void take_all() {
        for (const MemberId member : engine_->take_woken()) {
            std::vector<Delivery> out;
            if (!engine_->take(member, 0, 1u << 30u, out)) continue;
            for (const Delivery& one : out) {
                const std::uint64_t at = one.position.value;
                ASSERT_FALSE(model_.held.contains(at)) << at << " is with two members";
                ASSERT_FALSE(model_.events[at - 1].is_over) << at << " was over";
                const bool has_keys = settings_.strategy != api::GroupStrategy::kRoundRobin;
                if (has_keys && settings_.key_in_flight_max == 1) {
                    ASSERT_TRUE(model_.is_next(at)) << at << " is out of order";
                }
                model_.held[at] = {member, one.id};
                if (has_keys) check_key_of(at, member);
            }
        }
    }

    /// What is in flight of a key is within the bound, and with one member.
    void check_key_of(std::uint64_t position, MemberId member) {
        std::size_t of_the_key = 0;
        for (const std::uint64_t other : model_.keys[model_.events[position - 1].key]) {
            const auto found = model_.held.find(other);
            if (found == model_.held.end()) continue;
            ++of_the_key;
            ASSERT_EQ(found->second.first, member) << other << " and " << position;
        }
        ASSERT_LE(of_the_key, settings_.key_in_flight_max) << "with " << position;
        most_of_a_key = std::max(most_of_a_key, of_the_key);
    }

    void forget_of(MemberId member) {
        std::erase_if(model_.held, [&](const auto& one) {
            if (one.second.first != member) return false;
            late_.push_back(one.second);
            return true;
        });
    }

    void settle_some() {
        std::vector<std::uint64_t> held;
        held.reserve(model_.held.size());
        for (const auto& [at, who] : model_.held) held.push_back(at);
        for (const std::uint64_t at : held) {
            if (!chance(60)) continue;
            const auto [member, delivery] = model_.held[at];
            Settling what = Settling::kAck;
            if (chance(10)) what = Settling::kRetry;
            if (chance(2)) what = Settling::kPark;
            if (chance(1)) what = Settling::kSkip;
            std::vector<api::RefusedSettlement> refused;
            const Status status = engine_->settle(
                member, {Settlement{delivery, what, "no", {}}}, now(), refused
            );
            ASSERT_TRUE(status);
            ASSERT_TRUE(refused.empty());
            model_.held.erase(at);
            if (what == Settling::kAck || what == Settling::kSkip) {
                model_.events[at - 1].is_over = true;
            }
            late_.emplace_back(member, delivery);
        }
    }

    /// Acknowledgements of what is over change nothing.
    void settle_late() {
        for (int i = 0; i < 3 && !late_.empty(); ++i) {
            const auto [member, delivery] = late_[below(late_.size())];
            const Checkpoint before = engine_->checkpoint();
            const std::uint64_t handled = engine_->counts().handled;
            std::vector<api::RefusedSettlement> refused;
            const Status status = engine_->settle(
                member, {Settlement{delivery, Settling::kAck, "", {}}}, now(), refused
            );
            ASSERT_TRUE(!status || refused.size() == 1u);
            ASSERT_EQ(engine_->counts().handled, handled);
            ASSERT_EQ(engine_->checkpoint(), before);
            ++zombies;
        }
        if (late_.size() > 500) late_.clear();
    }

    void come_and_go() {
        if (members_.size() < 32 && chance(30)) {
            const auto id = engine_->join({"m" + std::to_string(below(40)), 0, false}, now());
            ASSERT_TRUE(id);
            members_.push_back(*id);
        }
        if (!members_.empty() && chance(6)) {
            const std::size_t at = below(members_.size());
            engine_->leave(members_[at], chance(50), now());
            forget_of(members_[at]);
            members_.erase(members_.begin() + static_cast<std::ptrdiff_t>(at));
        }
    }

    void pass_time() {
        ns_ += static_cast<std::int64_t>(below(30)) * 1'000'000;
        if (chance(2)) {
            // everybody slept: all deadlines are over
            ns_ += 1'500'000'000;
            for (const MemberId member : members_) forget_of(member);
        }
        engine_->tick(now());
        for (const MemberId member : members_) {
            std::vector<api::RefusedSettlement> refused;
            (void)engine_->settle(member, {}, now(), refused);  // it lives
        }
    }

    void look_after_parked(int percent) {
        for (const api::ParkedEvent& parked : engine_->parked(Position(0), 100)) {
            ++parkings;
            if (!chance(percent)) continue;
            const std::uint64_t at = parked.at.value;
            if (chance(80)) {
                engine_->retry_parked(parked.at, now());
            } else {
                engine_->skip_parked(parked.at, now());
                model_.events[at - 1].is_over = true;
            }
        }
    }

    /// What is set aside is parked, waits behind what is, or goes out again.
    void check_retried() {
        std::uint64_t set_aside = engine_->retried();
        for (const api::ParkedEvent& parked : engine_->parked(Position(0), model_.events.size())) {
            set_aside += 1 + parked.queued;
        }
        ASSERT_EQ(set_aside, engine_->counts().backlog);
    }

    void step() {
        come_and_go();
        read_some();
        take_all();
        settle_some();
        settle_late();
        // what was given out by the above comes with the next take_all
        pass_time();
        extend_all();
        check_retried();
        if (chance(5)) look_after_parked(30);
        if (chance(10)) save();
        if (chance(1)) engine_->set_paused(!engine_->is_paused());
        if (chance(1)) crash();
    }

    /// Every half second what is held is extended; what is over meanwhile is learned so.
    void extend_all() {
        if (ns_ - last_look_ns_ < 500'000'000) return;
        last_look_ns_ = ns_;
        std::vector<std::uint64_t> held;
        held.reserve(model_.held.size());
        for (const auto& [at, who] : model_.held) held.push_back(at);
        for (const std::uint64_t at : held) {
            std::vector<api::RefusedSettlement> refused;
            const auto [member, delivery] = model_.held[at];
            const Status status = engine_->settle(
                member, {Settlement{delivery, Settling::kExtend, "", {}}}, now(), refused
            );
            ASSERT_TRUE(status);
            if (!refused.empty()) model_.held.erase(at);
        }
    }

    /// Members that work without faults, and somebody who retries: everything ends.
    void finish() {
        engine_->set_paused(false);
        if (members_.empty()) {
            const auto id = engine_->join({"last", 0, false}, now());
            ASSERT_TRUE(id);
            members_.push_back(*id);
        }
        for (int i = 0; i < 1'000'000; ++i) {
            read_some();
            take_all();
            if (::testing::Test::HasFatalFailure()) return;
            for (const auto& [at, who] : std::map(model_.held)) {
                std::vector<api::RefusedSettlement> refused;
                const Status status = engine_->settle(
                    who.first, {Settlement{who.second, Settling::kAck, "", {}}}, now(), refused
                );
                ASSERT_TRUE(status);
                if (refused.empty()) model_.events[at - 1].is_over = true;
                model_.held.erase(at);
            }
            for (const auto& parked : engine_->parked(Position(0), 1'000)) {
                engine_->retry_parked(parked.at, now());
            }
            ns_ += 100'000'000;
            engine_->tick(now());
            const EngineCounts counts = engine_->counts();
            const bool is_idle = counts.in_flight == 0 && counts.waiting == 0 &&
                                 counts.backlog == 0 && model_.held.empty();
            if (read_ == model_.events.size() && is_idle && counts.window == 0) break;
        }
        for (std::size_t i = 0; i < model_.events.size(); ++i) {
            ASSERT_TRUE(model_.events[i].is_over) << "position " << i + 1 << " was lost";
        }
        EXPECT_EQ(engine_->checkpoint(), (Checkpoint{Position(model_.events.size()), {}}));
    }

    std::mt19937_64 random_;
    api::GroupSettings settings_;
    Model model_;
    std::unique_ptr<Engine> engine_;
    DurableState saved_;
    std::vector<Model::Event> saved_events_;
    std::uint64_t opened_ = 0;
    std::uint64_t read_ = 0;
    std::vector<MemberId> members_;
    std::vector<std::pair<MemberId, DeliveryId>> late_;
    std::int64_t ns_ = 0;
    std::int64_t last_look_ns_ = 0;
};

class GroupEngineModel : public ::testing::TestWithParam<api::GroupStrategy> {};

TEST_P(GroupEngineModel, FewKeysThatFailOften) {
    for (unsigned round = 0; round < base::testing::rounds(8); ++round) {
        Simulation simulation(100 + round, GetParam(), 20, 3'000);
        simulation.run(600);
        ASSERT_FALSE(HasFatalFailure()) << "round " << round;
        EXPECT_GT(simulation.parkings, 0u);
        EXPECT_GT(simulation.zombies, 0u);
    }
}

TEST_P(GroupEngineModel, ThirtyTwoMembersAndTenThousandKeys) {
    for (unsigned round = 0; round < base::testing::rounds(1); ++round) {
        Simulation simulation(7 + round, GetParam(), 10'000, 40'000);
        simulation.run(500);
        ASSERT_FALSE(HasFatalFailure()) << "round " << round;
        EXPECT_GT(simulation.restarts, 0u);
        EXPECT_GT(simulation.parkings, 0u);
        EXPECT_GT(simulation.zombies, 0u);
    }
}

TEST_P(GroupEngineModel, AKeyHasItsBoundInFlightAndNoMore) {
    constexpr std::uint32_t kMax = 3;
    for (unsigned round = 0; round < base::testing::rounds(4); ++round) {
        Simulation simulation(300 + round, GetParam(), 20, 3'000, kMax);
        simulation.run(600);
        ASSERT_FALSE(HasFatalFailure()) << "round " << round;
        EXPECT_GT(simulation.zombies, 0u);
        if (GetParam() == api::GroupStrategy::kRoundRobin) continue;  // has no keys
        EXPECT_EQ(simulation.most_of_a_key, kMax);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Strategies,
    GroupEngineModel,
    ::testing::Values(
        api::GroupStrategy::kPerKey,
        api::GroupStrategy::kRoundRobin,
        api::GroupStrategy::kDispatchToOne,
        api::GroupStrategy::kPinned
    )
);

}  // namespace
}  // namespace annals::groups
