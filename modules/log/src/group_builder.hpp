// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "annals/log/encoded_append.hpp"
#include "annals/log/segment_log.hpp"

#include "group_header.hpp"

namespace annals::log::detail {

/// The group being built: one reusable buffer, header at the front, appends put in and stamped in
/// place. One thread.
class GroupBuilder {
  public:
    GroupBuilder();

    /// Starts a new group whose first event follows `chain`.
    void clear();
    /// Copies the append and stamps it. Returns the chain after it.
    std::uint64_t add(
        const EncodedAppend& append,
        std::span<const Stamp> stamps,
        TimeNs recorded_time,
        std::uint64_t chain
    );

    [[nodiscard]] bool is_empty() const { return append_count_ == 0; }
    [[nodiscard]] std::size_t body_bytes() const { return buffer_.size() - GroupHeader::kBytes; }
    [[nodiscard]] std::size_t event_count() const { return frames_.size(); }

    /// Completes the group: fills sizes, counts and checksums in `header` (the caller has set the
    /// rest) and returns all bytes to write, valid until clear() or add().
    std::string_view finish(GroupHeader& header, Compression compression);
    /// Offset of an event's record in the uncompressed body.
    [[nodiscard]] std::uint32_t record_offset(std::size_t event) const { return frames_[event]; }

  private:
    std::string buffer_;
    std::string compressed_;
    std::vector<std::uint32_t> frames_;
    std::size_t append_count_ = 0;
};

}  // namespace annals::log::detail
