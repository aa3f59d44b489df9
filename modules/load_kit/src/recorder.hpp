// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "annals/base/result.hpp"
#include "annals/load_kit/load_result.hpp"

namespace annals::load_kit {

enum class Outcome : std::uint8_t { kDone, kConflict, kMissing, kError, kWrong };

/// What an error means for an actor.
Outcome outcome_of(const Error& error);
/// Whether a change that ended so may have been made all the same.
bool is_outcome_unknown(const Error& error);

/// One operation that ended; times are Clock::monotonic_ns.
struct Sample {
    std::int64_t due_ns = 0;
    std::int64_t sent_ns = 0;
    std::int64_t done_ns = 0;
    Outcome outcome = Outcome::kDone;
    std::string_view code = {};  ///< of the error
    std::uint64_t events = 0;
    std::uint64_t bytes = 0;
};

/// What lanes of one actor have done since it was last looked at. Any thread; the lock is held for
/// some ten ns a sample.
class Recorder {
  public:
    /// Samples due before it count, and are not measured.
    void measure_from(std::int64_t ns) { measured_from_ns_ = ns; }

    void add(const Sample& sample);
    /// Events that a listener got, each so long after it was sent; `sent_ns` is when the first of
    /// them arrived.
    void add_events(
        std::int64_t arrived_ns, const std::vector<std::int64_t>& latencies_us, const Counts& counts
    );
    void abandon() {
        const std::lock_guard lock(mutex_);
        ++abandoned_;
    }

    struct Taken {
        Counts all;
        Counts measured;
        Histogram latency;
        Histogram service;
        std::uint64_t abandoned = 0;
    };
    /// Everything since the last time.
    void take(Taken& taken);

  private:
    std::mutex mutex_;
    std::int64_t measured_from_ns_ = 0;
    Counts all_;
    Counts measured_;
    Histogram latency_;
    Histogram service_;
    std::uint64_t abandoned_ = 0;
};

}  // namespace annals::load_kit
