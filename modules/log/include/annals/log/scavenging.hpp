// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <functional>

#include "annals/base/named_type.hpp"
#include "annals/base/result.hpp"

namespace annals::log {

struct StoredEvent;

/// A segment that is full and has its footer: what scavenging may rewrite.
struct SealedSegment {
    Position first;  ///< its name
    Position last;   ///< first - 1 when it holds no event
    std::uint64_t bytes = 0;
    std::uint64_t removed_events = 0;  ///< by earlier scavenging
};

/// How one segment is scavenged.
struct ScavengeRequest {
    /// Whether the event's data may go for good. Asked once for each event that is still whole, in
    /// order, in the thread that scavenges. An error ends the work and changes nothing.
    std::function<Result<bool>(const StoredEvent&)> is_removable;
    /// Told now and then how many bytes were read or written since; may wait (throttle, pause).
    /// False: stop, nothing is changed. May be empty.
    std::function<bool(std::uint64_t bytes)> pace;
    /// Puts the new file in the place of the old one by calling `change`, once, when nothing else
    /// decides; or does not, when what was said of the events does not hold any more: false.
    /// Empty: at once.
    std::function<Result<bool>(const std::function<Status()>& change)> at_change;
    /// Says what would be freed and changes nothing.
    bool is_dry_run = false;
    TimeNs now;  ///< for the footer
};

/// What scavenging one segment did, or would do.
struct ScavengeResult {
    std::uint64_t removed_events = 0;  ///< this time
    std::uint64_t bytes_before = 0;
    std::uint64_t bytes_after = 0;  ///< the same where nothing was removable
    bool is_stopped = false;        ///< pace() said so
    bool is_outdated = false;       ///< at_change() said so; nothing was removed

    [[nodiscard]] std::uint64_t freed_bytes() const {
        return bytes_after < bytes_before ? bytes_before - bytes_after : 0;
    }
};

}  // namespace annals::log
