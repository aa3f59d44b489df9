// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "lag_counter.hpp"

#include <vector>

namespace annals::groups {
namespace {

/// Positions in [from, to], at most kPieceEvents; nothing when the index cannot tell.
std::optional<std::vector<Position>> matches(
    const index::Index& index, const model::Filter& filter, Position from, Position to
) {
    std::vector<Position> positions;
    const Result<bool> is_known = index.filter_positions(
        filter, from, to, index::Direction::kForwards, LagCounter::kPieceEvents, positions
    );
    if (!is_known || !*is_known) return std::nullopt;
    return positions;
}

}  // namespace

bool LagCounter::pass(const index::Index& index, const model::Filter& filter, Position after) {
    while (!pieces_.empty() && pieces_.front().last <= after) {
        events_ -= pieces_.front().events;
        pieces_.pop_front();
    }
    passed_ = after;
    if (pieces_.empty() || pieces_.front().first > after) return true;
    Piece& piece = pieces_.front();
    const auto rest = matches(index, filter, after.next(), piece.last);
    if (!rest) return false;
    events_ -= piece.events - rest->size();
    piece.first = after.next();
    piece.events = rest->size();
    return true;
}

bool LagCounter::add_piece(const index::Index& index, const model::Filter& filter, Position end) {
    const Position first = (pieces_.empty() ? passed_ : pieces_.back().last).next();
    const auto found = matches(index, filter, first, end);
    if (!found) return false;
    const Position last = found->size() < kPieceEvents ? end : found->back();
    events_ += found->size();
    // The newest piece grows until it is full: an append makes no piece of its own.
    const bool fits = !pieces_.empty() && pieces_.back().events + found->size() <= kPieceEvents;
    if (fits) {
        pieces_.back().last = last;
        pieces_.back().events += found->size();
    } else {
        pieces_.push_back({first, last, found->size()});
    }
    return true;
}

std::optional<LagCounter::Count> LagCounter::count(
    const index::Index& index,
    const model::Filter& filter,
    std::uint64_t epoch,
    Position after,
    Position end,
    std::int64_t patience_ns,
    const Clock& clock
) {
    const std::lock_guard lock(mutex_);
    if (epoch != epoch_ || after < passed_) {
        pieces_.clear();
        events_ = 0;
        passed_ = after;
        epoch_ = epoch;
    }
    if (!pass(index, filter, after)) return std::nullopt;
    const auto counted_to = [this] { return pieces_.empty() ? passed_ : pieces_.back().last; };
    const std::int64_t until = clock.monotonic_ns() + patience_ns;
    while (counted_to() < end && pieces_.size() < kPiecesMax) {
        if (patience_ns == 0 || (!pieces_.empty() && clock.monotonic_ns() >= until)) break;
        if (!add_piece(index, filter, end)) return std::nullopt;
    }
    return Count{events_, counted_to() >= end};
}

}  // namespace annals::groups
