// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "annals/annals.hpp"

#include "count.hpp"
#include "count_store.hpp"

namespace metrics {

/// How counting goes, at one moment.
struct Progress {
    Count count;
    /// The end of the log was reached since the start: totals are no less than any shown before.
    bool is_live = false;
    std::uint64_t saved = 0;  ///< position of the last event in what is stored
    std::uint64_t saves = 0;  ///< since the start
    std::uint64_t reconnects = 0;
    std::uint64_t restarts = 0;  ///< countings from the start because the log was another one
    std::chrono::system_clock::time_point last_seen{};  ///< of the newest batch with events
    std::string last_error;                             ///< of reading or saving, mended or not
};

/// Counts the events of a log, from what was saved on, and saves by the way. Two threads of its
/// own: one reads, one saves, until the object ends, which saves once more. A store that is away
/// is waited for.
class Counter {
  public:
    /// `client` sees the namespace that is counted. A save comes `save_interval` after the one
    /// before, where there is anything new.
    Counter(annals::Client client, CountStore store, std::chrono::milliseconds save_interval);
    ~Counter();
    Counter(const Counter&) = delete;
    Counter& operator=(const Counter&) = delete;

    /// Copies the totals. Any thread.
    [[nodiscard]] Progress progress() const;

  private:
    void read(const std::stop_token& stop);
    bool load(const std::stop_token& stop);
    void follow(const std::stop_token& stop);
    void take(const annals::Batch& batch, std::uint64_t reconnects);
    void begin_anew();
    void save_again_and_again(const std::stop_token& stop);
    void save_now();
    void tell(const annals::Failure& failure);

    const annals::Client client_;
    const std::chrono::milliseconds save_interval_;
    std::mutex store_mutex_;
    CountStore store_;

    mutable std::mutex mutex_;
    Progress progress_;
    bool is_loaded_ = false;

    std::jthread reader_;
    std::jthread saver_;
};

}  // namespace metrics
