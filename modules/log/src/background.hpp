// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "log_core.hpp"
#include "segment_filler.hpp"
#include "segment_sealer.hpp"

namespace annals::log::detail {

/// The log's background thread: fills ahead of the writer and seals full segments; filling goes
/// first, also in the middle of sealing. The thread starts with the first request, so that idle
/// logs have none.
class Background {
  public:
    explicit Background(LogCore& core) : core_(core) {}
    Background(const Background&) = delete;
    Background& operator=(const Background&) = delete;
    ~Background() { stop(); }

    /// Fill `filler` up to `end`; replaces an earlier request for the same.
    void request_fill(std::shared_ptr<SegmentFiller> filler, std::uint64_t end);
    /// Seals those that failed before it once more, too.
    void request_seal(SealJob job);
    /// Until there is nothing to do.
    void wait_idle();
    /// Until nothing waits for a footer, however much is filled meanwhile.
    void wait_sealed();
    /// Finishes the sealing that was asked for (not in a poisoned log) and ends the thread.
    void stop();

  private:
    struct FillJob {
        std::shared_ptr<SegmentFiller> filler;
        std::uint64_t end = 0;
    };

    void start_locked();
    void run();
    /// Does what filling was asked for, if any.
    void fill();

    LogCore& core_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::condition_variable idle_;
    std::deque<FillJob> fills_;
    std::deque<SealJob> seals_;
    std::deque<SealJob> unsealed_;  // one that failed and those behind it: they wait for the next
                                    // request or opening
    bool is_busy_ = false;
    bool is_sealing_ = false;
    bool is_stopping_ = false;
    std::thread thread_;
};

}  // namespace annals::log::detail
