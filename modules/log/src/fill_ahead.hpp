// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "annals/base/result.hpp"

#include "background.hpp"
#include "log_core.hpp"
#include "segment_filler.hpp"
#include "spare_segment.hpp"

namespace annals::log::detail {

/// How much of a spare of `bytes` is to be filled once `used` bytes were written since it was
/// begun, of `all` that could be then: as much of it as of the segment before it, twice as fast, so
/// that the disk is not taken from the writer and the spare is ready in time.
std::uint64_t spare_bytes_wanted(std::uint64_t used, std::uint64_t all, std::uint64_t bytes);

/// Keeps written zeros ahead of the writer: a little in the segment that it appends to, and, once
/// the log is busy, the next segment as a file of its own (docs/formats/log.md, "Filling ahead").
/// Belongs to the writer's thread; the work is the background's.
class FillAhead {
  public:
    FillAhead(LogCore& core, Background& background) : core_(core), background_(background) {}

    /// The writer goes on in this segment, which is zero from `filled` on.
    void follow(const std::string& path, std::uint64_t filled, std::uint64_t capacity);
    /// Everything of the segment below it is written.
    [[nodiscard]] std::uint64_t filled() const { return filler_->filled(); }
    /// Makes sure that the segment is written up to `end`, and asks for what comes next. disk_full.
    Status make_room(std::uint64_t end);

    /// Whether the next segment is ready and takes so many bytes, its header included.
    [[nodiscard]] bool has_spare(std::uint64_t bytes) const {
        return spare_ != nullptr && spare_->is_ready() && spare_->bytes() >= bytes;
    }
    /// Whether it is the better place now: the segment itself is still being filled.
    [[nodiscard]] bool is_spare_better(std::uint64_t bytes) const {
        return !filler_->is_full() && has_spare(bytes);
    }
    [[nodiscard]] std::uint64_t spare_bytes() const { return spare_->bytes(); }
    /// The spare becomes the segment with this header; follow() and begin_spare() come next.
    Status use_spare(const SegmentHeader& header);
    /// The next segment is made while the one from `end` on is used up.
    void begin_spare(std::uint64_t end);
    /// No more filling; gives the spare's room back. After the background has stopped.
    void close();

  private:
    void fill_segment(std::uint64_t end);
    void fill_spare(std::uint64_t end);
    void drop_spare();

    LogCore& core_;
    Background& background_;
    std::shared_ptr<SegmentFiller> filler_;  // shared with the background thread
    std::uint64_t requested_ = 0;
    std::int64_t last_request_ns_ = 0;
    std::unique_ptr<SpareSegment> spare_;
    std::uint64_t spare_from_ = 0;  // end of the groups when the spare was begun
    std::uint64_t spare_requested_ = 0;
};

}  // namespace annals::log::detail
