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
    std::uint64_t removed_events = 0;  ///< by earlier scavenging, folded ones included
};

/// What a stub says that the event itself does not tell.
struct StubContent {
    std::uint64_t fingerprint = 0;
    TimeNs removed_time;
};

/// How one segment is scavenged.
struct ScavengeRequest {
    /// Whether the event's data may go for good. Asked once for each event that is still whole, in
    /// order, in the thread that scavenges. An error ends the work and changes nothing.
    std::function<Result<bool>(const StoredEvent&)> is_removable;
    /// Whether what is left of a removed event may be folded into a removed range: asked for each
    /// stub, and for what became removable now (with `removed_time` now). An append is folded as a
    /// whole, or not. Empty: nothing is.
    std::function<Result<bool>(const StoredEvent&)> is_foldable;
    /// For restoring a log: what the stub of an event says instead of its own fingerprint and
    /// `now`. Empty: those.
    std::function<StubContent(const StoredEvent&)> stub_of;
    /// Called before anything is written when something will be folded, with the last position of
    /// it: the place to log the cut. An error ends the work and changes nothing. May be empty.
    std::function<Status(Position last)> before_fold;
    /// Told now and then how many bytes were read or written since; may wait (throttle, pause).
    /// False: stop, nothing is changed. May be empty.
    std::function<bool(std::uint64_t bytes)> pace;
    /// Puts the new file in the place of the old one by calling `change`, once, when nothing else
    /// decides; or does not, when what was said of the events does not hold any more: false.
    /// Empty: at once.
    std::function<Result<bool>(const std::function<Status()>& change)> at_change;
    /// Says what would be freed and changes nothing.
    bool is_dry_run = false;
    TimeNs now;  ///< for the footer and the stubs
};

/// What scavenging one segment did, or would do.
struct ScavengeResult {
    std::uint64_t removed_events = 0;  ///< this time
    std::uint64_t folded_events = 0;   ///< this time
    std::uint64_t bytes_before = 0;
    std::uint64_t bytes_after = 0;  ///< the same where nothing was removable
    bool is_stopped = false;        ///< pace() said so
    bool is_outdated = false;       ///< at_change() said so; nothing was removed

    /// Whether there was, or is, anything to do.
    [[nodiscard]] bool has_changes() const { return removed_events + folded_events > 0; }
    [[nodiscard]] std::uint64_t freed_bytes() const {
        return bytes_after < bytes_before ? bytes_before - bytes_after : 0;
    }
};

}  // namespace annals::log
