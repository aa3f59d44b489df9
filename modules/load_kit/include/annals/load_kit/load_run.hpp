// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "annals/api/consumer_groups.hpp"
#include "annals/api/event_store.hpp"
#include "annals/base/result.hpp"
#include "annals/entity_api/entity_store.hpp"
#include "annals/load_kit/load_result.hpp"
#include "annals/load_kit/profile.hpp"

namespace annals::load_kit {

/// The seams that a run works through. They outlive it. Those that no actor needs may be null.
struct Stores {
    api::EventStore* events = nullptr;
    api::EntityStore* entities = nullptr;
    api::ConsumerGroups* groups = nullptr;
};
bool needs_entities(const Profile& profile);
bool needs_groups(const Profile& profile);

struct LoadOptions {
    std::string name_space = "default";
    std::int64_t timeout_ns = 30'000'000'000;  ///< of a call
    /// How long listeners may take, after the last operation, to get what is stored.
    std::int64_t grace_ns = 30'000'000'000;
    std::string machine;  ///< for the report
    std::string tag;      ///< 1 to 16 small letters and digits; empty: drawn
};

/// How a run goes, about once a second (four times a second in short ones).
struct LoadProgress {
    double seconds = 0;                   ///< since it began
    std::optional<double> seconds_left;   ///< nothing: not known
    std::uint64_t operations = 0;         ///< ended, of actors that ask
    std::uint64_t operations_wanted = 0;  ///< of runs without a duration; 0: not known
    double per_second = 0;                ///< lately
    std::int64_t p99_us = 0;              ///< lately
    std::uint64_t errors = 0;
    std::uint64_t conflicts = 0;
};

/// Who looks on. Called by the thread that runs it.
class LoadObserver {
  public:
    LoadObserver() = default;
    LoadObserver(const LoadObserver&) = delete;
    LoadObserver& operator=(const LoadObserver&) = delete;
    virtual ~LoadObserver() = default;

    virtual void on_progress(const LoadProgress& progress) = 0;
    /// The load is over, the checks begin.
    virtual void on_checking() = 0;
    /// Asked ten times a second: the run then ends as if its time were over, checks and all.
    virtual bool is_cancelled() = 0;
};

/// Runs the profile against the stores and checks what they hold afterwards: everything that was
/// acknowledged is stored once, revisions are dense, listeners got each event once, reads never
/// missed what was acknowledged before. Streams of a run carry its tag and stay; groups are
/// deleted.
///
/// An error only when it could not begin (the server does not answer, a group cannot be made);
/// everything later is in the result. Threads: as the profile says (Bounds::kThreadsMax), each with
/// one call under way; appends are answered on the store's own thread.
Result<LoadResult> run_load(
    const Profile& profile, const Stores& stores, const LoadOptions& options, LoadObserver& observer
);

}  // namespace annals::load_kit
