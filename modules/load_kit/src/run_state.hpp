// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "annals/base/clock.hpp"
#include "annals/load_kit/load_run.hpp"
#include "annals/runtime/thread.hpp"

#include "gate.hpp"
#include "key_space.hpp"
#include "pace.hpp"
#include "position_set.hpp"
#include "recorder.hpp"

namespace annals::load_kit {

/// What a run knows of one category: its keys, and what the store has acknowledged.
struct Category {
    Category(const std::string& name, std::uint64_t key_count, Position first)
        : keys(name, key_count), acknowledged(first), stored(first) {}

    KeySpace keys;
    /// Actors that may store first keys and are not done.
    std::atomic<std::uint64_t> beginners{0};

    std::mutex mutex;          ///< guards all below
    PositionSet acknowledged;  ///< of plain appends, whose answers name positions
    std::uint64_t events = 0;  ///< acknowledged, those of objects too
    std::uint64_t events_unknown = 0;
    std::uint64_t repeated = 0;  ///< positions that two appends were told
    std::uint64_t created = 0;   ///< objects
    std::uint64_t deleted = 0;
    std::uint64_t objects_unknown = 0;
    bool is_of_objects = false;
    /// Filled when the load is over, and read by listeners from then on.
    PositionSet stored;
};

/// What all members of a group, or one subscriber, have been given.
struct Heard {
    Heard(const Category& of, Position first) : category(of), seen(first) {}

    const Category& category;
    std::string name;   ///< of the group at the server; empty for a subscriber
    std::string shown;  ///< in the report

    std::mutex mutex;  ///< guards all below
    PositionSet seen;
    std::uint64_t twice = 0;
    std::uint64_t disordered = 0;  ///< a subscriber's, whose positions must rise
    std::uint64_t broken = 0;      ///< connections that had to be made again
    std::string last_error;
};

/// What lanes of one run share.
struct RunState {
    RunState(const LoadOptions& run_options, const Stores& run_stores)
        : options(run_options), stores(run_stores) {}

    const LoadOptions& options;
    const Stores& stores;
    const Clock& clock = system_clock();
    std::uint64_t seed = 1;
    std::string tag;
    Position first;           ///< the position behind the newest at the start
    std::string start_token;  ///< where the log ended then
    std::int64_t end_ns = std::numeric_limits<std::int64_t>::max() / 2;

    Gate asking;     ///< stopped: lanes take no more turns
    Gate listening;  ///< stopped: nothing more will come
    /// From when on listeners end once they have what is stored; 0: not yet.
    std::atomic<bool> is_stored_known{false};

    [[nodiscard]] api::CallContext context() const {
        api::CallContext context;
        context.name_space = options.name_space;
        context.deadline_ns = clock.monotonic_ns() + options.timeout_ns;
        return context;
    }
    /// Without an end: subscriptions and memberships.
    [[nodiscard]] api::CallContext endless_context() const {
        api::CallContext context;
        context.name_space = options.name_space;
        return context;
    }
    [[nodiscard]] api::SubscribeStart start() const {
        if (start_token.empty()) return {};
        return api::AfterToken{start_token};
    }
};

/// One actor at work.
struct ActorRun {
    ActorRun(const Actor& played, Category& its_category) : actor(played), category(its_category) {}

    const Actor& actor;
    Category& category;
    std::vector<std::unique_ptr<Heard>> heard;  ///< of subscribers, one for each worker
    Heard* group = nullptr;
    Recorder recorder;
    std::unique_ptr<Pace> pace;  ///< once it has begun
    std::int64_t begun_ns = 0;
    std::int64_t done_ns = 0;
    std::atomic<std::uint32_t> lanes_left{0};
    std::vector<runtime::Thread> lanes;

    [[nodiscard]] bool is_begun() const { return begun_ns > 0; }
    [[nodiscard]] bool is_done() const { return is_begun() && lanes_left.load() == 0; }
};

// What the threads of an actor do, until the gates say that it is over. `lane` counts them.
void run_append_lane(RunState& run, ActorRun& actor, std::uint64_t lane);
void run_asking_lane(RunState& run, ActorRun& actor, std::uint64_t lane);
void run_subscriber(RunState& run, ActorRun& actor, std::uint64_t lane);
void run_group_member(RunState& run, ActorRun& actor, std::uint64_t lane);

/// Sleeps of this thread end within a µs of their time, not within 50.
void wake_exactly();
/// The dice of a lane: others for each actor and lane, the same in every run.
std::uint64_t seed_of(const RunState& run, const ActorRun& actor, std::uint64_t lane);

/// Reads back what the run has stored and fills Category::stored; what is found is in the checks.
std::vector<CheckResult> check_store(RunState& run, const std::vector<Category*>& categories);
/// What listeners were given, once they have ended.
CheckResult check_heard(RunState& run, Heard& heard);

}  // namespace annals::load_kit
