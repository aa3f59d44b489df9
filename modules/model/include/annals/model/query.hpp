// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "annals/base/result.hpp"
#include "annals/model/event.hpp"

namespace annals::model {

/// Types (any of them; none named = every type) and tags (all of them).
struct QueryItem {
    std::vector<std::string> types;
    std::vector<std::string> tags;
    bool operator==(const QueryItem&) const = default;
};

/// Met by an event if any item is met (log-and-rules 2.4). An item must name a type or a tag, a
/// query an item.
struct Query {
    std::vector<QueryItem> items;
    bool operator==(const Query&) const = default;
};

/// Whether the event meets the query. The reference that index and rules are tested against.
bool matches(const Query& query, const NewEvent& event);

/// Names the faulty item in an invalid_argument; numbers within Limits.
Status check_query(const Query& query, std::string_view field = "query");

/// What a read selects. Empty parts select everything; the parts are met together (and). A read of
/// one stream takes those that do not say which streams.
struct Filter {
    std::vector<std::string> categories;       ///< any of
    std::vector<std::string> types;            ///< any of
    std::vector<std::string> stream_prefixes;  ///< any of
    std::vector<std::string> tags;             ///< all of
    bool include_system = false;               ///< streams named `$…`
    /// Regular expressions (PCRE2) that must be found in the name; empty: none.
    std::string stream_pattern = {};
    std::string type_pattern = {};
    /// Recorded then or later, and before then; 0: whenever.
    TimeNs recorded_since = {};
    TimeNs recorded_until = {};

    [[nodiscard]] bool is_everything() const {
        return !selects_streams() && types.empty() && tags.empty() && type_pattern.empty() &&
               !bounds_time();
    }
    /// Says which streams: not for a read of one.
    [[nodiscard]] bool selects_streams() const {
        return !categories.empty() || !stream_prefixes.empty() || !stream_pattern.empty();
    }
    [[nodiscard]] bool bounds_time() const {
        return recorded_since.value != 0 || recorded_until.value != 0;
    }
    [[nodiscard]] bool is_within_time(TimeNs recorded) const {
        return recorded >= recorded_since &&
               (recorded_until.value == 0 || recorded < recorded_until);
    }
    bool operator==(const Filter&) const = default;
};

/// Without its patterns and times: those are `streams`' to decide.
bool matches(const Filter& filter, const NewEvent& event);
Status check_filter(const Filter& filter, std::string_view field = "filter");

}  // namespace annals::model
