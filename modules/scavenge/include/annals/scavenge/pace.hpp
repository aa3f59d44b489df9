// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace annals::scavenge {

/// How fast a run goes, and whether: a throttle, a brake, an end. take() is for the thread that
/// works, the rest for any.
class Pace {
  public:
    /// 0: as fast as it goes. Allows bursts of a tenth of a second.
    void set_bytes_per_s(std::uint64_t bytes_per_s);
    void pause();
    void resume();
    /// For good.
    void stop();
    /// Forgets all of it, for another run.
    void reset();

    /// Counts the bytes, waits as long as the throttle or the brake say; false: stop.
    bool take(std::uint64_t bytes);
    [[nodiscard]] bool is_paused() const;
    [[nodiscard]] bool is_stopped() const;

  private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::uint64_t bytes_per_s_ = 0;
    std::int64_t due_ns_ = 0;  ///< monotonic: what was taken is paid for then
    bool is_paused_ = false;
    bool is_stopped_ = false;
};

}  // namespace annals::scavenge
