// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "cursor.hpp"

#include <algorithm>
#include <limits>

#include "annals/base/assert.hpp"
#include "annals/codec/checksum.hpp"

#include "block.hpp"

namespace annals::index {
namespace {

TermKind kind_of(Family family) {
    switch (family) {
        case Family::kCategory:
            return TermKind::kCategory;
        case Family::kType:
            return TermKind::kType;
        case Family::kTag:
            return TermKind::kTag;
        default:
            break;
    }
    ANNALS_ASSERT(false, "a family of postings");
}

}  // namespace

TermCursor::TermCursor(
    const Moment& moment, Family family, std::string_view term, Direction direction
)
    : Cursor(direction),
      moment_(moment),
      family_(family),
      term_(term),
      hash_(codec::hash64(term)),
      kind_(kind_of(family)) {}

Status TermCursor::seek(std::uint64_t position) {
    return is_forwards() ? seek_up(position) : seek_down(position);
}

Status TermCursor::next() {
    if (place_ == Place::kWindow) {
        if (is_forwards()) {
            if (in_window_ + 1 < postings_.size()) {
                stand_in_window(in_window_ + 1);
            } else {
                ++window_;
                seek_windows_up(0);
            }
            return ok();
        }
        if (in_window_ > 0) {
            stand_in_window(in_window_ - 1);
            return ok();
        }
        return seek_down(position() - 1);
    }
    if (is_forwards()) {
        if (in_block_ + 1 < block_.size()) {
            stand_in_block(in_block_ + 1);
            return ok();
        }
        (*iterator_)->Next();
        ANNALS_CHECK(load_block());
        if (!block_.empty()) {
            stand_in_block(0);
        } else {
            is_store_done_ = true;
            seek_windows_up(0);
        }
        return ok();
    }
    if (in_block_ > 0) {
        stand_in_block(in_block_ - 1);
        return ok();
    }
    (*iterator_)->Prev();
    ANNALS_CHECK(load_block());
    if (block_.empty()) {
        leave();
    } else {
        stand_in_block(block_.size() - 1);
    }
    return ok();
}

Status TermCursor::seek_up(std::uint64_t position) {
    if (place_ != Place::kWindow && !is_store_done_ && position <= moment_.store().position()) {
        ANNALS_CHECK(seek_store_up(position));
        if (!block_.empty()) return ok();
        is_store_done_ = true;
    }
    seek_windows_up(position);
    return ok();
}

Status TermCursor::seek_store_up(std::uint64_t position) {
    if (block_.empty() || block_.back() < position) {
        if (!iterator_) iterator_.emplace(moment_.store().lease());
        put_block_key(key_, family_, term_, position);
        (*iterator_)->Seek(key_);
        ANNALS_CHECK(load_block());
        if (block_.empty()) return ok();
    }
    const auto from = block_.begin() + static_cast<std::ptrdiff_t>(in_block_);
    stand_in_block(
        static_cast<std::size_t>(std::lower_bound(from, block_.end(), position) - block_.begin())
    );
    return ok();
}

void TermCursor::seek_windows_up(std::uint64_t position) {
    for (; window_ < moment_.windows().size(); ++window_) {
        const std::uint64_t base = moment_.windows()[window_]->base();
        const bool was_open = opened_ == window_;
        if (!open_window(window_)) continue;
        const std::uint64_t offset = position > base ? position - base : 0;
        if (offset > std::numeric_limits<std::uint32_t>::max()) continue;
        const std::uint32_t from = was_open && place_ == Place::kWindow ? in_window_ : 0;
        const std::uint32_t i = postings_.lower_bound(static_cast<std::uint32_t>(offset), from);
        if (i < postings_.size()) return stand_in_window(i);
    }
    leave();
}

Status TermCursor::seek_down(std::uint64_t position) {
    if (place_ != Place::kStore && seek_windows_down(position)) return ok();
    ANNALS_CHECK(seek_store_down(std::min(position, moment_.store().position())));
    if (block_.empty()) leave();
    return ok();
}

bool TermCursor::seek_windows_down(std::uint64_t position) {
    for (std::size_t i = moment_.windows().size(); i-- > 0;) {
        const std::uint64_t base = moment_.windows()[i]->base();
        if (base > position || !open_window(i)) continue;
        const std::uint64_t offset = std::min<std::uint64_t>(
            position - base, std::numeric_limits<std::uint32_t>::max() - 1
        );
        const std::uint32_t above = postings_.lower_bound(static_cast<std::uint32_t>(offset) + 1);
        if (above == 0) continue;
        stand_in_window(above - 1);
        return true;
    }
    return false;
}

Status TermCursor::seek_store_down(std::uint64_t position) {
    if (position == 0) {
        block_.clear();
        return ok();
    }
    if (block_.empty() || block_.front() > position) {
        if (!iterator_) iterator_.emplace(moment_.store().lease());
        const bool is_at_end = position >= moment_.store().position();
        if (!is_at_end) {
            // The block that may hold the position; what is before it is one step back.
            put_block_key(key_, family_, term_, position);
            (*iterator_)->Seek(key_);
            ANNALS_CHECK(load_block());
            if (!block_.empty() && block_.front() > position) {
                (*iterator_)->Prev();
                ANNALS_CHECK(load_block());
                if (block_.empty()) return ok();
            }
        }
        if (is_at_end || block_.empty()) {
            put_block_key(key_, family_, term_, position);
            (*iterator_)->SeekForPrev(key_);
            ANNALS_CHECK(load_block());
            if (block_.empty()) return ok();
        }
    }
    const auto above = std::upper_bound(block_.begin(), block_.end(), position);
    stand_in_block(static_cast<std::size_t>(above - block_.begin()) - 1);
    return ok();
}

bool TermCursor::open_window(std::size_t i) {
    if (opened_ != i) {
        const Window& window = *moment_.windows()[i];
        const TermEntry* entry = window.find(kind_, term_, hash_);
        postings_ = entry == nullptr ? PostingReader() : window.postings(*entry, moment_.end());
        opened_ = i;
    }
    return postings_.size() > 0;
}

Status TermCursor::load_block() {
    block_.clear();
    in_block_ = 0;
    if (prefix_.empty()) prefix_ = block_prefix(key_);
    const std::string_view key = iterator_->key_with(prefix_);
    if (key.empty()) return iterator_->status();
    if (!decode_postings(iterator_->value(), block_number(key), block_)) {
        return moment_.store().store().damaged_value(key);
    }
    return ok();
}

void TermCursor::stand_in_block(std::size_t i) {
    place_ = Place::kStore;
    in_block_ = i;
    stand(block_[i]);
}

void TermCursor::stand_in_window(std::uint32_t i) {
    place_ = Place::kWindow;
    in_window_ = i;
    window_ = *opened_;
    stand(moment_.windows()[window_]->base() + postings_[i]);
}

Status AnyCursor::seek(std::uint64_t position) {
    for (const auto& part : parts_) {
        if (!has_begun_ || (part->stands() && part->is_before(position)))
            ANNALS_CHECK(part->seek(position));
    }
    has_begun_ = true;
    settle();
    return ok();
}

Status AnyCursor::next() {
    const std::uint64_t at = position();
    for (const auto& part : parts_) {
        if (part->stands() && part->position() == at) ANNALS_CHECK(part->next());
    }
    settle();
    return ok();
}

void AnyCursor::settle() {
    leave();
    for (const auto& part : parts_) {
        if (part->stands() && (!stands() || part->is_before(position()))) stand(part->position());
    }
}

Status AllCursor::seek(std::uint64_t position) { return settle(position); }

Status AllCursor::next() {
    const std::uint64_t at = position();
    if (!is_forwards() && at == 1) {
        leave();
        return ok();
    }
    return settle(is_forwards() ? at + 1 : at - 1);
}

Status AllCursor::settle(std::uint64_t position) {
    leave();
    std::size_t agreed = 0;
    for (std::size_t i = 0; agreed < parts_.size(); i = (i + 1) % parts_.size()) {
        Cursor& part = *parts_[i];
        if (i >= begun_) {
            ANNALS_CHECK(part.seek(position));
            begun_ = i + 1;
        } else if (part.stands() && part.is_before(position)) {
            ANNALS_CHECK(part.seek(position));
        }
        if (!part.stands()) return ok();
        if (part.position() == position) {
            ++agreed;
        } else {
            position = part.position();
            agreed = 1;
        }
    }
    stand(position);
    return ok();
}

std::unique_ptr<Cursor> any_of(std::vector<std::unique_ptr<Cursor>> parts, Direction direction) {
    if (parts.size() == 1) return std::move(parts.front());
    return std::make_unique<AnyCursor>(std::move(parts), direction);
}

std::unique_ptr<Cursor> all_of(std::vector<std::unique_ptr<Cursor>> parts, Direction direction) {
    if (parts.size() == 1) return std::move(parts.front());
    return std::make_unique<AllCursor>(std::move(parts), direction);
}

}  // namespace annals::index
