// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include "annals/base/result.hpp"
#include "annals/log/file_system.hpp"

namespace annals::log::detail {

/// Zero-fills a segment ahead of its end, so that the writer's syncs find written blocks (measured:
/// docs/formats/log.md) and a lost page looks like an end. Has a file handle of its own: the kernel
/// tells a failed sync once to each handle, and the writer must hear of it. Any thread.
class SegmentFiller {
  public:
    /// The file is zero from `filled` on, as far as it goes.
    SegmentFiller(std::unique_ptr<File> file, std::uint64_t filled, std::uint64_t capacity);

    /// Everything below is written.
    [[nodiscard]] std::uint64_t filled() const { return filled_.load(std::memory_order_acquire); }
    [[nodiscard]] std::uint64_t capacity() const { return capacity_; }

    /// Fills up to `end` (at most the capacity), in pieces. With sync each piece is made durable by
    /// itself.
    Status fill_to(std::uint64_t end, bool with_sync);
    /// No more filling: the segment is full.
    void stop();

  private:
    std::unique_ptr<File> file_;
    std::atomic<std::uint64_t> filled_;
    std::uint64_t capacity_;
    std::atomic<bool> is_stopped_{false};
    std::mutex mutex_;
};

}  // namespace annals::log::detail
