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

/// What a read over everything selects. Empty parts select everything; the parts are met together
/// (and).
struct Filter {
    std::vector<std::string> categories;       ///< any of
    std::vector<std::string> types;            ///< any of
    std::vector<std::string> stream_prefixes;  ///< any of
    std::vector<std::string> tags;             ///< all of
    bool include_system = false;               ///< streams named `$…`
    /// Regular expressions (PCRE2) that must be found in the name; empty: none.
    std::string stream_pattern = {};
    std::string type_pattern = {};

    [[nodiscard]] bool is_everything() const {
        return categories.empty() && types.empty() && stream_prefixes.empty() && tags.empty() &&
               stream_pattern.empty() && type_pattern.empty();
    }
    bool operator==(const Filter&) const = default;
};

/// Without its patterns: those are `streams`' to decide.
bool matches(const Filter& filter, const NewEvent& event);
Status check_filter(const Filter& filter, std::string_view field = "filter");

}  // namespace annals::model
