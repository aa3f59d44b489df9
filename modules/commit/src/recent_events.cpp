// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/commit/recent_events.hpp"

#include <algorithm>

#include "annals/base/assert.hpp"

namespace annals::commit {
namespace {

constexpr std::size_t kFirstSlots = 256;

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
    for (const TermHash tag : tags) tags_[tags_end_++ & tags_mask_] = tag;
    tags_size_ += tags.size();
    if (last_positions_.empty()) return;
    note(event.type);
    for (const TermHash tag : tags) note(tag);
}

void RecentEvents::trim(Position visible) {
    while (size_ > keep_ && begin() < visible) {
        tags_size_ -= slots_[begin().next().value & mask_].tag_count;
        --size_;
    }
}

std::optional<Position> RecentEvents::find_match(const HashedQuery& query, Position after) {
    ANNALS_ASSERT(after >= begin(), "what is older is asked of the index");
    if (after >= end_) return std::nullopt;
    // Nothing is known of the terms of what was pushed before: any of them may be at the end.
    if (last_positions_.empty()) last_positions_.assign(kTermSlots, end_.value);
    std::optional<Position> first;
    for (const HashedItem& item : query.items) {
        if (!may_match(item, after)) continue;
        const Position last = first ? *first : end_.next();
        for (Position position = after.next(); position < last; ++position) {
            if (!matches_at(item, slots_[position.value & mask_])) continue;
            first = position;
            break;
        }
    }
    return first;
}

bool RecentEvents::may_match(const HashedItem& item, Position after) const {
    const auto is_newer = [&](TermHash term) {
        return last_positions_[term & kTermMask] > after.value;
    };
    if (!std::all_of(item.tags.begin(), item.tags.end(), is_newer)) return false;
    return item.types.empty() || std::any_of(item.types.begin(), item.types.end(), is_newer);
}

bool RecentEvents::matches_at(const HashedItem& item, const Slot& slot) const {
    const bool is_type = item.types.empty() ||
                         std::find(item.types.begin(), item.types.end(), slot.event.type) !=
                             item.types.end();
    return is_type && std::all_of(item.tags.begin(), item.tags.end(), [&](TermHash wanted) {
               for (std::uint64_t i = 0; i < slot.tag_count; ++i) {
                   if (tags_[(slot.tags_begin + i) & tags_mask_] == wanted) return true;
               }
               return false;
           });
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
    std::vector<TermHash> larger(tags_.size() * 2);
    const std::uint64_t mask = larger.size() - 1;
    for (std::uint64_t i = tags_end_ - tags_size_; i < tags_end_; ++i) {
        larger[i & mask] = tags_[i & tags_mask_];
    }
    tags_ = std::move(larger);
    tags_mask_ = mask;
}

}  // namespace annals::commit
