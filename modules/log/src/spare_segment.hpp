// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "annals/base/result.hpp"
#include "annals/log/file_system.hpp"

#include "segment_filler.hpp"
#include "segment_header.hpp"

namespace annals::log::detail {

/// The file that becomes the next segment of a busy log, zero-filled while the one before it is
/// written. Filling the file that the writer appends to is dear: both take the file's lock, and
/// each of its syncs then waits for a commit of the file system's journal (measured:
/// docs/formats/log.md). Belongs to the writer's thread; its filler to any.
///
/// Named `.tmp` until it is a segment, so that an opening removes what a crash leaves.
class SpareSegment {
  public:
    SpareSegment(FileSystem& files, const std::string& directory, std::uint64_t bytes);

    [[nodiscard]] const std::shared_ptr<SegmentFiller>& filler() const { return filler_; }
    [[nodiscard]] std::uint64_t bytes() const { return filler_->capacity(); }
    [[nodiscard]] bool is_ready() const { return filler_->is_full(); }

    /// Makes the file, which must be ready, the segment with this header: durable, under its name.
    Status become(const SegmentHeader& header);
    /// Gives its room back.
    void remove();

  private:
    FileSystem& files_;
    std::string directory_;
    std::string path_;
    std::shared_ptr<SegmentFiller> filler_;  // shared with the background thread
};

}  // namespace annals::log::detail
