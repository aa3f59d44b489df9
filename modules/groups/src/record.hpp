// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "annals/api/consumer_groups.hpp"
#include "annals/base/named_type.hpp"
#include "annals/base/result.hpp"

#include "durable_state.hpp"

namespace annals::groups {

// The events of a group in the system log (docs/internals/system-log.md): JSON objects, members
// that are empty or 0 left out, unknown ones passed over.

/// Which event of `$group-<name>` says it. Each holds all there is to know of the group but its
/// progress; the last one counts.
enum class DefinitionKind : std::uint8_t {
    kCreated,
    kUpdated,
    kPaused,
    kResumed,
    kReset,
    kRewound,
    kDeleted,
};

struct Definition {
    DefinitionKind kind = DefinitionKind::kCreated;
    api::GroupSettings settings;
    bool is_paused = false;
    /// Counts beginnings: a checkpoint of an older one does not count.
    std::uint64_t generation = 1;
    Position from;  ///< the generation begins after it
    /// Events of `$group.parked-<name>` before it belong to what was reset or deleted.
    Revision parked_from;
    TimeNs created_time;
    std::string reason;

    [[nodiscard]] bool is_deleted() const { return kind == DefinitionKind::kDeleted; }
};

/// `$group-checkpoint`, the one type of `$group.checkpoint-<name>`; the last one counts.
struct StoredCheckpoint {
    std::uint64_t generation = 0;
    std::string token;  ///< of `checkpoint.low`
    Checkpoint checkpoint;
    Revision parked_from;
    std::optional<Failure> failure;  ///< the newest one of the generation
    bool operator==(const StoredCheckpoint&) const = default;
};

inline constexpr std::string_view kGroupStreams = "$group-";
inline constexpr std::string_view kParkedStreams = "$group.parked-";
inline constexpr std::string_view kCheckpointType = "$group-checkpoint";

std::string_view type_of(DefinitionKind kind);
std::string_view type_of(ChangeKind kind);

std::string encode_definition(const Definition& definition);
std::string encode_checkpoint(const StoredCheckpoint& checkpoint);
std::string encode_change(const Change& change);

/// data_loss when they are none: never throws, whatever the bytes.
Result<Definition> parse_definition(std::string_view type, std::string_view data);
Result<StoredCheckpoint> parse_checkpoint(std::string_view data);
Result<Change> parse_change(std::string_view type, std::string_view data);

}  // namespace annals::groups
