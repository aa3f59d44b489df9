// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "annals/sdk/event.hpp"
#include "annals/sdk/expected.hpp"

namespace annals {

/// Met by an event of any of the types (none: every type) that has all tags; one must be named.
struct QueryItem {
    std::vector<std::string> types = {};
    std::vector<std::string> tags = {};
};
/// Met by an event that meets any item.
using Query = std::vector<QueryItem>;

/// A check on a stream, also on one that the append does not write to.
struct StreamCheck {
    std::string stream;
    Expected expected;
};
/// Refuses the append when an event behind `after` meets the query (a dynamic consistency
/// boundary). An empty token: any event at all.
struct QueryCheck {
    Query query;
    std::string after = {};
};
using Check = std::variant<StreamCheck, QueryCheck>;

/// Conditions and companions of an append.
struct AppendOptions {
    std::optional<Expected> expected = {};  ///< of the stream that the append names
    std::vector<Check> checks = {};
    std::optional<Tracking> tracking = {};
    /// At most 255 bytes. Events without ids get theirs from it, so that the same append in another
    /// process is a replay.
    std::string idempotency_key = {};
};

/// First and last revision that an append gave in a stream.
struct StreamRevisions {
    std::string stream;
    Revision first;
    Revision last;
};

/// What an append did.
struct Appended {
    Position first_position;
    Position last_position;
    std::string position;  ///< token of the last position, for min_position and sessions
    TimeNs recorded_time;
    std::vector<StreamRevisions> streams;  ///< in order of first mention
    bool is_replay = false;                ///< it was stored before, by the same ids
    bool is_durable = true;                ///< false only where the server syncs by interval

    /// Of the first stream that the append named.
    [[nodiscard]] Revision last_revision() const {
        return streams.empty() ? Revision() : streams.front().last;
    }
};

}  // namespace annals
