// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "query_reads.hpp"

#include <string>

namespace annals::index {
namespace {

using Cursors = std::vector<std::unique_ptr<Cursor>>;

Cursors term_cursors(
    const Moment& moment, Family family, const std::vector<std::string>& terms, Direction direction
) {
    Cursors cursors;
    cursors.reserve(terms.size());
    for (const std::string& term : terms) {
        cursors.push_back(std::make_unique<TermCursor>(moment, family, term, direction));
    }
    return cursors;
}

void add_any(
    Cursors& all,
    const Moment& moment,
    Family family,
    const std::vector<std::string>& terms,
    Direction direction
) {
    if (!terms.empty())
        all.push_back(any_of(term_cursors(moment, family, terms, direction), direction));
}

}  // namespace

std::unique_ptr<Cursor> query_cursor(
    const Moment& moment, const model::Query& query, Direction direction
) {
    Cursors items;
    for (const model::QueryItem& item : query.items) {
        // Tags first: they are rarer, and an absent one ends the search.
        Cursors parts = term_cursors(moment, Family::kTag, item.tags, direction);
        add_any(parts, moment, Family::kType, item.types, direction);
        if (!parts.empty()) items.push_back(all_of(std::move(parts), direction));
    }
    if (items.empty()) return nullptr;
    return any_of(std::move(items), direction);
}

std::unique_ptr<Cursor> filter_cursor(
    const Moment& moment, const model::Filter& filter, Direction direction
) {
    Cursors parts = term_cursors(moment, Family::kTag, filter.tags, direction);
    add_any(parts, moment, Family::kCategory, filter.categories, direction);
    add_any(parts, moment, Family::kType, filter.types, direction);
    if (parts.empty()) return nullptr;
    return all_of(std::move(parts), direction);
}

Status read_positions(
    Cursor& cursor,
    std::uint64_t from,
    std::uint64_t to,
    std::size_t limit,
    std::vector<Position>& out
) {
    if (limit == 0) return ok();
    if (from == 0) {
        if (!cursor.is_forwards()) return ok();
        from = 1;
    }
    ANNALS_CHECK(cursor.seek(from));
    for (std::size_t n = 0; cursor.stands(); ++n) {
        if (cursor.is_forwards() ? cursor.position() > to : cursor.position() < to) break;
        out.emplace_back(cursor.position());
        if (n + 1 == limit) break;
        ANNALS_CHECK(cursor.next());
    }
    return ok();
}

}  // namespace annals::index
