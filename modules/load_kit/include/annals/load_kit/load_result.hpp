// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "annals/base/named_type.hpp"
#include "annals/load_kit/histogram.hpp"
#include "annals/load_kit/profile.hpp"

namespace annals::load_kit {

/// How operations ended. Each ends in exactly one way. For listeners an operation is an event that
/// they were given.
struct Counts {
    std::uint64_t done = 0;       ///< as asked
    std::uint64_t conflicts = 0;  ///< refused as the workload expects: a race lost, a key taken
    std::uint64_t missing = 0;    ///< the object had been deleted
    std::uint64_t errors = 0;     ///< all else, by code below
    std::uint64_t wrong = 0;      ///< answered, and the answer contradicts what was acknowledged
    std::uint64_t events = 0;     ///< written or read
    std::uint64_t bytes = 0;      ///< of their data
    std::map<std::string, std::uint64_t> by_code;  ///< of conflicts, missing and errors

    [[nodiscard]] std::uint64_t operations() const {
        return done + conflicts + missing + errors + wrong;
    }
    void add(const Counts& other);
};

/// A part of the run's time.
struct Point {
    double from_seconds = 0;  ///< since the run began
    double seconds = 0;
    std::uint64_t operations = 0;
    std::uint64_t events = 0;
    std::uint64_t errors = 0;
    std::uint64_t conflicts = 0;
    std::int64_t p50_us = 0;
    std::int64_t p99_us = 0;
    std::int64_t max_us = 0;
};

struct ActorResult {
    std::string name;
    Does does = Does::kAppend;
    std::string category;
    Counts all;       ///< of the whole run, what the checks go by
    Counts measured;  ///< after the warm-up, what rates and latencies are about
    double measured_seconds = 0;
    /// From when it was due (with a rate), else from when it was sent, to the answer. Of a
    /// listener: from the sending of the append to the event.
    Histogram latency;
    Histogram service;  ///< from when it was sent: without what waited behind others
    /// Turns that were due and could not be taken before the end: the store did not keep up.
    std::uint64_t missed = 0;
    std::vector<Point> points;  ///< at most kPointsMax; of longer runs two become one
    static constexpr std::size_t kPointsMax = 480;

    [[nodiscard]] double per_second() const {
        return measured_seconds > 0 ? static_cast<double>(measured.operations()) / measured_seconds
                                    : 0;
    }
};

/// Something that must be true of the store afterwards.
struct CheckResult {
    std::string name;
    bool is_held = false;
    std::string said;  ///< figures, and what is wrong
};

struct LoadResult {
    Profile profile;
    std::string tag;     ///< behind each category's name: streams of this run are its own
    std::string server;  ///< version and durability
    std::string machine;
    TimeNs started;
    double seconds = 0;
    bool is_interrupted = false;
    std::vector<ActorResult> actors;  ///< in the profile's order
    std::vector<CheckResult> checks;
    std::string log;  ///< the text of a `.hlog` file

    [[nodiscard]] bool is_held() const;
};

}  // namespace annals::load_kit
