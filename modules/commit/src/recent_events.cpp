// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/commit/recent_events.hpp"

#include <algorithm>

#include "annals/base/assert.hpp"

namespace annals::commit {
namespace {

constexpr std::size_t kFirstSlots = 256;
/// A tag on more events than this is met soon by looking at each.
constexpr int kWalkedMax = 1'024;

}  // namespace

RecentEvents::RecentEvents(Position end, std::size_t keep)
    : keep_(keep),
      end_(end),
      mask_(kFirstSlots - 1),
      slots_(kFirstSlots),
      tags_mask_(kFirstSlots - 1),
      tags_(kFirstSlots) {}

void RecentEvents::push(const RecentEvent& event, std::span<const TermHash> tags) {
    if (size_ == slots_.size()) grow();
    while (tags_size_ + tags.size() > tags_.size()) grow_tags();
    ++end_;
    ++size_;
    Slot& slot = slots_[end_.value & mask_];
    slot.event = event;
    slot.tags_begin = tags_end_;
    slot.tag_count = static_cast<std::uint32_t>(tags.size());
    for (const TermHash tag : tags) tags_[tags_end_++ & tags_mask_].hash = tag;
    tags_size_ += tags.size();
    if (last_of_tag_.empty()) return;
    last_of_type_[event.type & kTypeMask] = end_.value;
    chain_tags(end_, slot);
}

void RecentEvents::chain_tags(Position position, const Slot& slot) {
    for (std::uint64_t i = 0; i < slot.tag_count; ++i) {
        Tag& tag = tags_[(slot.tags_begin + i) & tags_mask_];
        std::uint64_t& last = last_of_tag_[tag.hash & kTagMask];
        tag.before = last;
        last = position.value;
    }
}

/// Once, when the first query is checked: logs without queries keep no tables.
void RecentEvents::index_terms() {
    last_of_type_.assign(kTypeMask + 1, 0);
    last_of_tag_.assign(kTagMask + 1, 0);
    for (Position position = begin().next(); position <= end_; ++position) {
        const Slot& slot = slots_[position.value & mask_];
        last_of_type_[slot.event.type & kTypeMask] = position.value;
        chain_tags(position, slot);
    }
}

void RecentEvents::trim(Position visible) {
    while (size_ > keep_ && begin() < visible) {
        tags_size_ -= slots_[begin().next().value & mask_].tag_count;
        --size_;
    }
}

void RecentEvents::drop(Position position) {
    while (size_ > 0 && begin() < position) {
        tags_size_ -= slots_[begin().next().value & mask_].tag_count;
        --size_;
    }
}

std::optional<Position> RecentEvents::find_match(const HashedQuery& query, Position after) {
    ANNALS_ASSERT(after >= begin(), "what is older is asked of the index");
    if (after >= end_) return std::nullopt;
    if (last_of_tag_.empty()) index_terms();
    std::optional<Position> first;
    for (const HashedItem& item : query.items) {
        if (!may_match(item, after)) continue;
        std::optional<Position> found;
        const bool is_walked = !item.tags.empty() && walk(item, after, found);
        if (!is_walked) found = scan(item, after, first ? *first : end_.next());
        if (found && (!first || *found < *first)) first = found;
    }
    return first;
}

bool RecentEvents::walk(const HashedItem& item, Position after, std::optional<Position>& first)
    const {
    const std::uint64_t chain = item.tags.front() & kTagMask;
    std::uint64_t position = last_of_tag_[chain];
    for (int steps = 0; position > after.value; ++steps) {
        if (steps == kWalkedMax) return false;
        const Slot& slot = slots_[position & mask_];
        if (matches_at(item, slot)) first = Position(position);
        std::uint64_t next = position;
        for (std::uint64_t i = 0; i < slot.tag_count; ++i) {
            const Tag& tag = tags_[(slot.tags_begin + i) & tags_mask_];
            // Two tags of one event may share the chain: the later one points to its own event.
            if ((tag.hash & kTagMask) == chain) next = std::min(next, tag.before);
        }
        ANNALS_ASSERT(next < position, "a chain goes back");
        position = next;
    }
    return true;
}

std::optional<Position> RecentEvents::scan(const HashedItem& item, Position after, Position last)
    const {
    for (Position position = after.next(); position < last; ++position) {
        if (matches_at(item, slots_[position.value & mask_])) return position;
    }
    return std::nullopt;
}

bool RecentEvents::may_match(const HashedItem& item, Position after) const {
    const bool are_tags_newer = std::ranges::all_of(item.tags, [&](TermHash tag) {
        return last_of_tag_[tag & kTagMask] > after.value;
    });
    if (!are_tags_newer) return false;
    return item.types.empty() || std::ranges::any_of(item.types, [&](TermHash type) {
               return last_of_type_[type & kTypeMask] > after.value;
           });
}

bool RecentEvents::matches_at(const HashedItem& item, const Slot& slot) const {
    const bool is_type = item.types.empty() ||
                         std::find(item.types.begin(), item.types.end(), slot.event.type) !=
                             item.types.end();
    const auto is_tag = [&](TermHash wanted) {
        for (std::uint64_t i = 0; i < slot.tag_count; ++i) {
            if (tags_[(slot.tags_begin + i) & tags_mask_].hash == wanted) return true;
        }
        return false;
    };
    return is_type && std::all_of(item.tags.begin(), item.tags.end(), is_tag);
}

void RecentEvents::grow() {
    std::vector<Slot> larger(slots_.size() * 2);
    const std::uint64_t mask = larger.size() - 1;
    for (Position p = begin().next(); p <= end_; ++p) {
        larger[p.value & mask] = slots_[p.value & mask_];
    }
    slots_ = std::move(larger);
    mask_ = mask;
}

void RecentEvents::grow_tags() {
    std::vector<Tag> larger(tags_.size() * 2);
    const std::uint64_t mask = larger.size() - 1;
    for (std::uint64_t i = tags_end_ - tags_size_; i < tags_end_; ++i) {
        larger[i & mask] = tags_[i & tags_mask_];
    }
    tags_ = std::move(larger);
    tags_mask_ = mask;
}

}  // namespace annals::commit
