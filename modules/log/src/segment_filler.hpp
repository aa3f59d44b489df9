// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "annals/base/result.hpp"
#include "annals/log/file_system.hpp"

namespace annals::log::detail {

/// Zero-fills a file ahead of its use, so that the writer's syncs find written blocks (measured:
/// docs/formats/log.md) and a lost page looks like an end. Has a file handle of its own: the kernel
/// tells a failed sync once to each handle, and the writer must hear of it. Any thread.
class SegmentFiller {
  public:
    using Open = std::function<Result<std::unique_ptr<File>>()>;

    /// Opens the file at the first filling. It is zero from `filled` on, as far as it goes.
    SegmentFiller(Open open, std::uint64_t filled, std::uint64_t capacity)
        : open_(std::move(open)), filled_(filled), capacity_(capacity) {}

    /// Everything below is written.
    [[nodiscard]] std::uint64_t filled() const { return filled_.load(std::memory_order_acquire); }
    [[nodiscard]] std::uint64_t capacity() const { return capacity_; }
    [[nodiscard]] bool is_full() const { return filled() >= capacity_; }
    /// The last filling ended early; the next one tries again.
    [[nodiscard]] bool has_failed() const { return has_failed_.load(std::memory_order_acquire); }

    /// Fills up to `end` (at most the capacity), in pieces. With sync each piece is made durable by
    /// itself.
    Status fill_to(std::uint64_t end, bool with_sync);
    /// No more filling; waits for the piece under way.
    void stop();

  private:
    Status fill_piece(std::uint64_t end, bool with_sync);

    Open open_;
    std::unique_ptr<File> file_;
    std::atomic<std::uint64_t> filled_;
    const std::uint64_t capacity_;
    std::atomic<bool> has_failed_{false};
    std::atomic<bool> is_stopped_{false};
    std::mutex mutex_;
};

}  // namespace annals::log::detail
