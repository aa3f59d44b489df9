// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "annals/base/named_type.hpp"
#include "annals/base/uuid.hpp"

namespace annals::groups {

// What survives a restart of a group's engine, in plain words; record.hpp has its bytes.

/// How far a group has come: everything up to `low` is finished, parked or queued, and so is what
/// lies in `finished` (ranges above it, both ends included, ascending).
struct Checkpoint {
    Position low = {};
    std::vector<std::pair<Position, Position>> finished;
    bool operator==(const Checkpoint&) const = default;
};

enum class ChangeKind : std::uint8_t {
    kParked,    ///< the event failed: it heads its key's queue
    kQueued,    ///< events of a parked key wait behind it
    kRetried,   ///< the head is given out again
    kSkipped,   ///< the head is left out
    kPurged,    ///< these are left out
    kEdited,    ///< something else is delivered in its place
    kFinished,  ///< a parked or queued event was handled after all
};

/// One change of what is parked. Positions of one key, but for kFinished.
struct Change {
    ChangeKind kind = ChangeKind::kParked;
    std::string key = {};
    std::vector<Position> positions = {};
    std::uint32_t attempts = 0;  ///< of kParked, as the next two
    std::string error = {};
    std::string member = {};
    TimeNs time = {};  ///< of kParked: when
    // of kEdited
    std::string data = {};
    std::string content_type = {};
    std::string metadata = {};
    bool has_metadata = false;
    Uuid event_id = {};
    // of what somebody did
    std::string reason = {};
    bool operator==(const Change&) const = default;
};

/// An event that is parked or waits behind one.
struct BacklogEvent {
    std::string key = {};
    Position position = {};
    TimeNs recorded_time = {};
    bool is_parked = false;
    bool is_edited = false;
    std::uint32_t attempts = 0;
    std::string error = {};
    std::string member = {};
    TimeNs parked_time = {};
};

/// An event that a member gave back or parked, whose deadline passed, or that was parked when its
/// last member was gone.
struct Failure {
    Position position = {};
    std::string member = {};
    std::string reason = {};  ///< at most kGroupTextBytesMax
    TimeNs time = {};
    bool operator==(const Failure&) const = default;
};

struct DurableState {
    Checkpoint checkpoint;
    std::optional<Failure> last_failure;  ///< of this generation, as of the checkpoint
    std::vector<BacklogEvent> backlog;    ///< by position
};

}  // namespace annals::groups
