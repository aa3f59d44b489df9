// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>

#include "annals/base/clock.hpp"
#include "annals/index/index.hpp"
#include "annals/model/query.hpp"

namespace annals::groups {

/// How many events behind a position match a filter: counted in the index's postings, piece by
/// piece, and kept, so that a reader millions of events behind is counted once and what is new is
/// added. Of what it passes, only the piece it stands in is counted again.
///
/// Any thread; one counts at a time. A call looks at pieces of kPieceEvents until its time is over,
/// and then says that it is not through. Memory: 24 bytes a piece.
class LagCounter {
  public:
    static constexpr std::size_t kPieceEvents = 10'000;
    static constexpr std::size_t kPiecesMax = 100'000;

    struct Count {
        std::uint64_t events = 0;
        bool is_whole = false;  ///< false: at least so many
    };

    /// Counts in (after, end]. `epoch` names the filter: with another one it begins anew. Nothing
    /// when the index cannot tell (the filter names neither category, type nor tag).
    /// `patience_ns` 0: only takes off what was passed.
    std::optional<Count> count(
        const index::Index& index,
        const model::Filter& filter,
        std::uint64_t epoch,
        Position after,
        Position end,
        std::int64_t patience_ns,
        const Clock& clock
    );

  private:
    struct Piece {
        Position first;
        Position last;
        std::uint64_t events = 0;
    };

    /// What the reader has passed goes; of the piece that it stands in the rest is counted.
    bool pass(const index::Index& index, const model::Filter& filter, Position after);
    bool add_piece(const index::Index& index, const model::Filter& filter, Position end);

    std::mutex mutex_;
    std::uint64_t epoch_ = 0;
    std::deque<Piece> pieces_;  ///< without gaps, behind passed_
    std::uint64_t events_ = 0;  ///< of all pieces
    Position passed_;
};

}  // namespace annals::groups
