// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "stream_reads.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <string>

#include <boost/unordered/unordered_flat_set.hpp>

#include "annals/codec/checksum.hpp"

#include "block.hpp"
#include "keys.hpp"

namespace annals::index {
namespace {

/// The stream's events in one window.
struct WindowPart {
    const Window* window;
    const TermEntry* entry;
    PostingReader postings;

    [[nodiscard]] std::uint64_t first() const { return entry->first_revision; }
    [[nodiscard]] std::uint64_t last() const { return entry->first_revision + postings.size() - 1; }
    [[nodiscard]] std::uint64_t position(std::uint64_t revision) const {
        return window->base() + postings[static_cast<std::uint32_t>(revision - first())];
    }
};

/// Oldest first.
std::vector<WindowPart> window_parts(
    const Moment& moment, std::string_view stream, std::uint64_t hash
) {
    std::vector<WindowPart> parts;
    for (const auto& window : moment.windows()) {
        const TermEntry* entry = window->find(TermKind::kStream, stream, hash);
        if (entry == nullptr) continue;
        PostingReader postings = window->postings(*entry, moment.end());
        if (postings.size() > 0) parts.push_back({window.get(), entry, postings});
    }
    return parts;
}

/// The stream's blocks in RocksDB, one after the other.
class BlockWalk {
  public:
    BlockWalk(const Moment& moment, std::string_view stream)
        : store_(moment.store()), stream_(stream), iterator_(store_.lease()) {}

    /// To the block that holds the revision, or the first one after it.
    Status seek(std::uint64_t revision) {
        put_block_key(key_, Family::kStream, stream_, revision);
        iterator_->Seek(key_);
        return load();
    }
    Status seek_last() {
        put_block_key(key_, Family::kStream, stream_, std::numeric_limits<std::uint64_t>::max());
        iterator_->SeekForPrev(key_);
        return load();
    }
    Status next() {
        iterator_->Next();
        return load();
    }
    Status previous() {
        iterator_->Prev();
        return load();
    }

    [[nodiscard]] bool stands() const { return block_.has_value(); }
    [[nodiscard]] const StreamBlockView& block() const { return *block_; }
    [[nodiscard]] std::uint64_t last() const { return last_; }
    [[nodiscard]] std::uint64_t first() const { return last_ + 1 - block_->size(); }
    Status positions(std::vector<std::uint64_t>& positions) const {
        if (block_->positions(positions)) return ok();
        return store_.store().damaged_value(key_);
    }

  private:
    Status load() {
        block_.reset();
        const std::string_view key = iterator_.key_with(block_prefix(key_));
        if (key.empty()) return iterator_.status();
        last_ = block_number(key);
        block_ = StreamBlockView::parse(iterator_.value());
        if (!block_ || block_->size() > last_ + 1) return store_.store().damaged_value(key);
        return ok();
    }

    const StoreView& store_;
    std::string_view stream_;
    IteratorLease iterator_;
    std::string key_;
    std::optional<StreamBlockView> block_;
    std::uint64_t last_ = 0;
};

/// When the stream began; asked for at most once per window, which remembers it.
Result<TimeNs> read_first_time(const Moment& moment, std::string_view stream) {
    BlockWalk walk(moment, stream);
    ANNALS_CHECK(walk.seek(0));
    return TimeNs(walk.stands() ? walk.block().first_time().value_or(0) : 0);
}

Status read_store_up(
    const Moment& moment,
    std::string_view stream,
    std::uint64_t from,
    std::uint64_t until,
    std::size_t& left,
    std::vector<Position>& out
) {
    BlockWalk walk(moment, stream);
    std::vector<std::uint64_t> positions;
    ANNALS_CHECK(walk.seek(from));
    while (walk.stands()) {
        ANNALS_CHECK(walk.positions(positions));
        const std::size_t begin = from > walk.first()
                                      ? static_cast<std::size_t>(from - walk.first())
                                      : 0;
        const std::size_t end = std::min(positions.size(), begin + left);
        for (std::size_t i = begin; i < end; ++i) out.emplace_back(positions[i]);
        left -= end - begin;
        if (left == 0 || walk.last() + 1 >= until) return ok();
        ANNALS_CHECK(walk.next());
    }
    return ok();
}

Status read_store_down(
    const Moment& moment,
    std::string_view stream,
    std::uint64_t from,
    std::size_t& left,
    std::vector<Position>& out
) {
    BlockWalk walk(moment, stream);
    std::vector<std::uint64_t> positions;
    if (from != std::numeric_limits<std::uint64_t>::max()) ANNALS_CHECK(walk.seek(from));
    if (!walk.stands()) ANNALS_CHECK(walk.seek_last());
    while (walk.stands()) {
        ANNALS_CHECK(walk.positions(positions));
        const std::uint64_t last = std::min(from, walk.last());
        for (std::size_t i = static_cast<std::size_t>(last - walk.first()) + 1; i-- > 0 && left > 0;
             --left) {
            out.emplace_back(positions[i]);
        }
        if (left == 0 || walk.first() == 0) return ok();
        ANNALS_CHECK(walk.previous());
    }
    return ok();
}

/// What is in RocksDB, forwards, through the cache of short streams.
Status read_stored_up(
    const Moment& moment,
    std::string_view stream,
    std::uint64_t hash,
    std::uint64_t from,
    std::uint64_t until,
    std::size_t& left,
    std::vector<Position>& out
) {
    thread_local std::vector<std::uint64_t> known;
    const std::uint64_t end = moment.store().position();
    if (!moment.stream_cache().find(stream, hash, end, known)) {
        const std::size_t had = out.size();
        ANNALS_CHECK(read_store_up(moment, stream, from, until, left, out));
        // Whole only when it began at the beginning and was not cut off.
        if (from == 0 && left > 0 && out.size() - had <= StreamCache::kPositionsMax) {
            known.clear();
            for (std::size_t i = had; i < out.size(); ++i) known.push_back(out[i].value);
            moment.stream_cache().insert(stream, hash, end, known);
        }
        return ok();
    }
    for (; from < known.size() && left > 0; ++from, --left) out.emplace_back(known[from]);
    return ok();
}

Status read_up(
    const Moment& moment,
    const std::vector<WindowPart>& parts,
    std::string_view stream,
    std::uint64_t hash,
    std::uint64_t from,
    std::size_t limit,
    std::vector<Position>& out
) {
    std::size_t left = limit;
    const std::uint64_t in_windows = parts.empty() ? std::numeric_limits<std::uint64_t>::max()
                                                   : parts.front().first();
    if (from < in_windows)
        ANNALS_CHECK(read_stored_up(moment, stream, hash, from, in_windows, left, out));
    for (const WindowPart& part : parts) {
        for (std::uint64_t r = std::max(from, part.first()); r <= part.last() && left > 0;
             ++r, --left) {
            out.emplace_back(part.position(r));
        }
    }
    return ok();
}

/// `from` is at most the last revision, or the largest number where that is not known.
Status read_down(
    const Moment& moment,
    const std::vector<WindowPart>& parts,
    std::string_view stream,
    std::uint64_t hash,
    std::uint64_t from,
    std::size_t limit,
    std::vector<Position>& out
) {
    std::size_t left = limit;
    for (std::size_t i = parts.size(); i-- > 0;) {
        const WindowPart& part = parts[i];
        if (part.first() > from) continue;
        for (std::uint64_t r = std::min(from, part.last()) + 1; r-- > part.first() && left > 0;
             --left) {
            out.emplace_back(part.position(r));
        }
    }
    if (left == 0 || (!parts.empty() && parts.front().first() == 0)) return ok();
    thread_local std::vector<std::uint64_t> known;
    if (!moment.stream_cache().find(stream, hash, moment.store().position(), known)) {
        return read_store_down(moment, stream, from, left, out);
    }
    std::size_t end = from < known.size() ? static_cast<std::size_t>(from) + 1 : known.size();
    for (; end > 0 && left > 0; --left) out.emplace_back(known[--end]);
    return ok();
}

/// Short hashes that a pass over a stream looks for. Most of what is asked is not among them: a
/// word of 64 bits and, for many, a table of bits say so first.
class WantedHashes {
  public:
    explicit WantedHashes(std::span<const std::uint32_t> hashes)
        : hashes_(hashes.begin(), hashes.end()), bits_(words_for(hashes.size())) {
        for (const std::uint32_t hash : hashes) word_of(hash) |= bit_of(hash);
    }

    [[nodiscard]] bool contain(std::uint32_t hash) const {
        return (bits_[hash & (bits_.size() - 1)] & bit_of(hash)) != 0 && hashes_.contains(hash);
    }

  private:
    static std::size_t words_for(std::size_t hashes) { return std::bit_ceil(hashes / 8 + 1); }
    static std::uint64_t bit_of(std::uint32_t hash) { return std::uint64_t{1} << (hash >> 26u); }
    std::uint64_t& word_of(std::uint32_t hash) { return bits_[hash & (bits_.size() - 1)]; }

    const boost::unordered_flat_set<std::uint32_t> hashes_;
    std::vector<std::uint64_t> bits_;  ///< a power of two of words, an eighth full at most
};

}  // namespace

Result<std::optional<std::optional<StreamHead>>> read_head(
    const Moment& moment, std::string_view stream, StoreView::Tier tier
) {
    using Answer = std::optional<std::optional<StreamHead>>;
    const std::uint64_t hash = codec::hash64(stream);
    const std::vector<WindowPart> parts = window_parts(moment, stream, hash);
    StreamHead head;
    if (!parts.empty()) {
        const WindowPart& newest = parts.back();
        head.last = Revision(newest.last());
        head.last_position = Position(newest.position(newest.last()));
        head.last_time = TimeNs(newest.window->time_at(head.last_position.value));
        std::int64_t first_time = TermEntry::kTimeUnknown;
        for (const WindowPart& part : parts) {
            first_time = part.entry->first_time.load(std::memory_order_relaxed);
            if (first_time != TermEntry::kTimeUnknown) break;
        }
        if (first_time != TermEntry::kTimeUnknown) {
            head.first_time = TimeNs(first_time);
        } else if (tier == StoreView::Tier::kDisk) {
            ANNALS_TRY(head.first_time, read_first_time(moment, stream));
            newest.entry->first_time.store(head.first_time.value, std::memory_order_relaxed);
        }
        return Answer(head);
    }
    const bool is_disk_asked = tier == StoreView::Tier::kDisk;
    if (moment.stream_cache().find_head(
            stream, hash, moment.store().position(), is_disk_asked, head
        )) {
        return Answer(head);
    }
    std::string key;
    std::string value;
    put_name_key(key, Family::kHead, stream);
    ANNALS_TRY(const StoreView::Found found, moment.store().get(key, tier, value));
    if (found == StoreView::Found::kUnknown) return Answer();
    if (found == StoreView::Found::kNo) return Answer(std::optional<StreamHead>());
    const std::optional<HeadValue> stored = decode_head(value);
    if (!stored) return moment.store().store().damaged_value(key);
    head.last = Revision(stored->last_revision);
    head.last_position = Position(stored->last_position);
    head.last_time = TimeNs(stored->last_time);
    if (stored->first_time) {
        head.first_time = TimeNs(*stored->first_time);
    } else if (is_disk_asked) {
        ANNALS_TRY(head.first_time, read_first_time(moment, stream));
    }
    const bool has_first_time = stored->first_time || is_disk_asked;
    moment.stream_cache().insert_times(stream, hash, head, has_first_time);
    return Answer(head);
}

Status read_stream_positions(
    const Moment& moment,
    std::string_view stream,
    Revision from,
    Direction direction,
    std::size_t limit,
    std::vector<Position>& out
) {
    if (limit == 0) return ok();
    const std::uint64_t hash = codec::hash64(stream);
    const std::vector<WindowPart> parts = window_parts(moment, stream, hash);
    if (direction == Direction::kForwards)
        return read_up(moment, parts, stream, hash, from.value, limit, out);
    const std::uint64_t last = parts.empty() ? std::numeric_limits<std::uint64_t>::max()
                                             : parts.back().last();
    return read_down(moment, parts, stream, hash, std::min(from.value, last), limit, out);
}

Status find_stream_ids(
    const Moment& moment,
    std::string_view stream,
    std::span<const std::uint32_t> hashes,
    std::vector<IdMatch>& out
) {
    const WantedHashes wanted(hashes);
    const std::vector<WindowPart> parts = window_parts(moment, stream, codec::hash64(stream));
    if (parts.empty() || parts.front().first() > 0) {
        BlockWalk walk(moment, stream);
        std::vector<std::uint64_t> positions;
        ANNALS_CHECK(walk.seek(0));
        while (walk.stands()) {
            positions.clear();
            for (std::size_t i = 0; i < walk.block().size(); ++i) {
                const std::uint32_t hash = walk.block().id_hash(i);
                if (!wanted.contain(hash)) continue;
                if (positions.empty()) ANNALS_CHECK(walk.positions(positions));
                out.push_back({Position(positions[i]), Revision(walk.first() + i), hash});
            }
            if (!parts.empty() && walk.last() + 1 >= parts.front().first()) break;
            ANNALS_CHECK(walk.next());
        }
    }
    for (const WindowPart& part : parts) {
        for (std::uint64_t r = part.first(); r <= part.last(); ++r) {
            const std::uint64_t position = part.position(r);
            const auto hash = static_cast<std::uint32_t>(part.window->id_at(position));
            if (wanted.contain(hash)) out.push_back({Position(position), Revision(r), hash});
        }
    }
    return ok();
}

Result<std::optional<std::vector<std::uint32_t>>> read_stream_id_hashes(
    const Moment& moment, std::string_view stream, std::size_t max
) {
    using Answer = std::optional<std::vector<std::uint32_t>>;
    std::vector<std::uint32_t> hashes;
    const std::vector<WindowPart> parts = window_parts(moment, stream, codec::hash64(stream));
    if (!parts.empty() && parts.back().last() >= max) return Answer();
    if (parts.empty() || parts.front().first() > 0) {
        BlockWalk walk(moment, stream);
        if (parts.empty()) {
            // The last block tells how many there are.
            ANNALS_CHECK(walk.seek_last());
            if (walk.stands() && walk.last() >= max) return Answer();
        }
        if (!walk.stands() || walk.first() > 0) ANNALS_CHECK(walk.seek(0));
        while (walk.stands()) {
            for (std::size_t i = 0; i < walk.block().size(); ++i)
                hashes.push_back(walk.block().id_hash(i));
            if (!parts.empty() && walk.last() + 1 >= parts.front().first()) break;
            ANNALS_CHECK(walk.next());
        }
    }
    for (const WindowPart& part : parts) {
        for (std::uint64_t r = part.first(); r <= part.last(); ++r) {
            hashes.push_back(static_cast<std::uint32_t>(part.window->id_at(part.position(r))));
        }
    }
    return Answer(std::move(hashes));
}

Status find_id_everywhere(const Moment& moment, std::uint64_t hash, std::vector<Position>& out) {
    std::string prefix;
    put_id_prefix(prefix, id_bucket(hash));
    std::vector<std::uint64_t> positions;
    const auto iterator = moment.store().scan();
    for (iterator->Seek(prefix); iterator->Valid() && iterator->key().starts_with(prefix);
         iterator->Next()) {
        const std::string_view key(iterator->key().data(), iterator->key().size());
        const std::string_view value(iterator->value().data(), iterator->value().size());
        const bool is_whole =
            key.size() == prefix.size() + 8 &&
            find_in_id_block(value, block_number(key), static_cast<std::uint32_t>(hash), positions);
        if (!is_whole) return moment.store().store().damaged_value(key);
    }
    if (!iterator->status().ok()) return moment.store().store().read_error(iterator->status());
    for (const std::uint64_t position : positions) out.emplace_back(position);
    for (const auto& window : moment.windows()) window->find_id(hash, moment.end(), out);
    return ok();
}

}  // namespace annals::index
