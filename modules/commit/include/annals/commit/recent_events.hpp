// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "annals/base/named_type.hpp"
#include "annals/base/uuid.hpp"
#include "annals/commit/hashed_query.hpp"

namespace annals::commit {

/// What is kept of an accepted event until the index has it, and a while longer.
struct RecentEvent {
    Uuid id;
    std::uint64_t fingerprint = 0;
    TermHash type = 0;
    Position before_in_stream;  ///< of the event before it in its stream; 0: none
    std::uint32_t append_ordinal = 0;
    std::uint32_t append_events = 0;
};

/// The newest accepted events in memory, in hashed form: what happened between the position that a
/// proposal was prepared at and the end of the order (log-and-rules 2.1).
///
///     |-- index and log --------------|
///                        (begin ...... visible ...... end]
///                        |-- recent events --------------|
///
/// Holds (begin, end]. trim() drops from the front what is visible and beyond `keep`. Queries pass
/// over it cheaply: tables of hashed terms tell the last position of each (or a later one), and the
/// events of a tag are chained, newest first, so that only those are looked at. About 64 bytes an
/// event and 16 a tag. One thread; begin() only is for others, by copy.
class RecentEvents {
  public:
    RecentEvents(Position end, std::size_t keep);

    [[nodiscard]] Position begin() const { return Position(end_.value - size_); }
    [[nodiscard]] Position end() const { return end_; }
    [[nodiscard]] bool holds(Position position) const {
        return position > begin() && position <= end_;
    }
    [[nodiscard]] const RecentEvent& at(Position position) const {
        return slots_[position.value & mask_].event;
    }

    /// The event of position end() + 1.
    void push(const RecentEvent& event, std::span<const TermHash> tags);
    /// Drops what is at or before `visible` while more than `keep` events are held.
    void trim(Position visible);
    /// Drops what is at or before the position, so that it is asked of log and index: visible, and
    /// perhaps forgotten.
    void drop(Position position);

    /// The first event after `after` (not before begin()) that meets the query. Items with tags
    /// cost the events of a tag, others up to all events since.
    [[nodiscard]] std::optional<Position> find_match(const HashedQuery& query, Position after);

  private:
    struct Tag {
        TermHash hash = 0;
        std::uint64_t before = 0;  ///< position of the last tag of the same table slot before it
    };
    struct Slot {
        RecentEvent event;
        std::uint64_t tags_begin = 0;  ///< in the ring of tags, counted from the start
        std::uint32_t tag_count = 0;
    };

    void grow();
    void grow_tags();
    void index_terms();
    void chain_tags(Position position, const Slot& slot);
    [[nodiscard]] std::optional<Position> scan(
        const HashedItem& item, Position after, Position last
    ) const;
    /// The first match by the chain of the item's first tag. False when that was given up because
    /// the tag is on too many events.
    [[nodiscard]] bool walk(const HashedItem& item, Position after, std::optional<Position>& first)
        const;
    [[nodiscard]] bool may_match(const HashedItem& item, Position after) const;
    [[nodiscard]] bool matches_at(const HashedItem& item, const Slot& slot) const;

    static constexpr std::uint64_t kTypeMask = (1u << 12u) - 1;
    static constexpr std::uint64_t kTagMask = (1u << 16u) - 1;

    const std::size_t keep_;
    Position end_;
    std::size_t size_ = 0;
    std::uint64_t mask_;
    std::vector<Slot> slots_;
    std::uint64_t tags_end_ = 0;
    std::uint64_t tags_size_ = 0;
    std::uint64_t tags_mask_;
    std::vector<Tag> tags_;
    // By hash of a term: last position that may carry it. Made by the first query check.
    std::vector<std::uint64_t> last_of_type_;
    std::vector<std::uint64_t> last_of_tag_;
};

}  // namespace annals::commit
