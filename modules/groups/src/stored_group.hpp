// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <map>
#include <optional>
#include <string>

#include "annals/base/result.hpp"
#include "annals/commit/orderer.hpp"

#include "record.hpp"

namespace annals::groups {

/// What is delivered in place of an event.
struct Edit {
    std::string data;
    std::string content_type;
    std::string metadata;
    bool has_metadata = false;
    Uuid event_id;  ///< of the event; nil: of an edit that does not say

    [[nodiscard]] std::size_t bytes() const { return data.size() + metadata.size(); }
};

/// A group as the system log has it.
struct StoredGroup {
    Definition definition;
    Revision definition_revision;
    TimeNs changed_time;  ///< of the last event of `$group-<name>`
    DurableState state;
    std::map<Position, Edit> edits;
    /// Where the events of the parked stream begin that still count, and its next revision.
    Revision parked_from;
    Revision parked_next;
    /// The checkpoint is not of this log's history: nothing is given out before a reset or a
    /// rewind.
    std::optional<Error> problem;
};

/// The last event of `$group-<name>`: nothing where there is none. A look into index and log.
struct StoredDefinition {
    Definition definition;
    Revision revision;
    TimeNs time;
};
Result<std::optional<StoredDefinition>> read_definition(
    const commit::Orderer& system, const std::string& group
);

/// All of it. Nothing: there is no such group, or it was deleted. Reads what is parked: costs a
/// look for each event of the parked stream since nothing was parked for the last time.
Result<std::optional<StoredGroup>> read_group(
    const commit::Orderer& system, commit::Orderer& events, const std::string& group
);

std::string definition_stream(const std::string& group);
std::string checkpoint_stream(const std::string& group);
std::string parked_stream(const std::string& group);

}  // namespace annals::groups
