// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "stream_cache.hpp"

#include <utility>

#include "annals/codec/wire.hpp"

namespace annals::index {
namespace {

/// Of an entry beside its texts: the slots in the vector and in the hash table.
constexpr std::size_t kEntryOverhead = 160;
constexpr std::size_t kInlineText = 15;

std::size_t text_bytes(const std::string& text) {
    return text.capacity() > kInlineText ? text.capacity() + 16 : 0;
}

}  // namespace

std::size_t StreamCache::Entry::bytes() const {
    return kEntryOverhead + text_bytes(name) + text_bytes(deltas);
}

StreamCache::StreamCache(std::uint64_t position, std::size_t bytes_max, StreamCacheTotals& totals)
    : bytes_max_(bytes_max), totals_(totals) {
    for (Shard& shard : shards_) shard.position = position;
}

StreamCache::~StreamCache() { totals_.bytes.fetch_sub(bytes_.load(), std::memory_order_relaxed); }

void StreamCache::count_bytes(std::size_t before, std::size_t after) {
    bytes_.fetch_add(after - before, std::memory_order_relaxed);  // wraps where it shrinks
    totals_.bytes.fetch_add(after - before, std::memory_order_relaxed);
}

void StreamCache::count_lookup(bool is_hit) {
    (is_hit ? totals_.hits : totals_.misses).fetch_add(1, std::memory_order_relaxed);
}

StreamCache::Entry* StreamCache::find_entry(
    Shard& shard, std::string_view stream, std::uint64_t hash
) {
    const auto place = shard.places.find(hash);
    if (place == shard.places.end()) return nullptr;
    Entry& entry = shard.entries[place->second];
    return entry.name == stream ? &entry : nullptr;
}

bool StreamCache::find(
    std::string_view stream,
    std::uint64_t hash,
    std::uint64_t end,
    std::vector<std::uint64_t>& positions
) {
    Shard& shard = shard_of(hash);
    positions.clear();
    const std::lock_guard lock(shard.mutex);
    Entry* entry = find_entry(shard, stream, hash);
    count_lookup(entry != nullptr);
    if (entry == nullptr) return false;
    entry->was_used = true;
    std::string_view deltas = entry->deltas;
    std::uint64_t position = 0;
    std::uint64_t delta = 0;
    while (codec::take_varint(deltas, delta)) {
        position += delta;
        // The window that is just being ingested is still in this reader's memory.
        if (position > end) break;
        positions.push_back(position);
    }
    return true;
}

void StreamCache::insert(
    std::string_view stream,
    std::uint64_t hash,
    std::uint64_t end,
    const std::vector<std::uint64_t>& positions
) {
    if (positions.empty() || positions.size() > kPositionsMax) return;
    Shard& shard = shard_of(hash);
    const std::lock_guard lock(shard.mutex);
    if (shard.position != end || shard.places.contains(hash)) return;
    make_room(shard);
    if (totals_.bytes.load(std::memory_order_relaxed) > bytes_max_) return;
    Entry entry;
    entry.name = stream;
    entry.hash = hash;
    entry.last = positions.back();
    entry.count = static_cast<std::uint32_t>(positions.size());
    std::uint64_t before = 0;
    for (const std::uint64_t position : positions) {
        codec::append_varint(entry.deltas, position - before);
        before = position;
    }
    count_bytes(0, entry.bytes());
    shard.places.emplace(hash, static_cast<std::uint32_t>(shard.entries.size()));
    shard.entries.push_back(std::move(entry));
}

bool StreamCache::find_head(
    std::string_view stream,
    std::uint64_t hash,
    std::uint64_t end,
    bool needs_first_time,
    StreamHead& head
) {
    Shard& shard = shard_of(hash);
    const std::lock_guard lock(shard.mutex);
    Entry* entry = find_entry(shard, stream, hash);
    // Beyond the end: the window that is just being ingested is still in this reader's memory.
    const bool is_known = entry != nullptr && entry->has_last_time && entry->last <= end &&
                          (entry->has_first_time || !needs_first_time);
    count_lookup(is_known);
    if (!is_known) return false;
    entry->was_used = true;
    head.last = Revision(entry->count - 1);
    head.last_position = Position(entry->last);
    head.last_time = entry->last_time;
    if (entry->has_first_time) head.first_time = entry->first_time;
    return true;
}

void StreamCache::insert_times(
    std::string_view stream, std::uint64_t hash, const StreamHead& head, bool has_first_time
) {
    Shard& shard = shard_of(hash);
    const std::lock_guard lock(shard.mutex);
    Entry* entry = find_entry(shard, stream, hash);
    if (entry == nullptr || entry->last != head.last_position.value) return;
    entry->last_time = head.last_time;
    entry->has_last_time = true;
    if (!has_first_time) return;
    entry->first_time = head.first_time;
    entry->has_first_time = true;
}

void StreamCache::extend(const Window& window) {
    for (Shard& shard : shards_) {
        const std::lock_guard lock(shard.mutex);
        shard.position = window.end();
    }
    if (bytes_.load(std::memory_order_relaxed) == 0) return;
    const auto streams = window.sorted(TermKind::kStream);
    for (const TermEntry* stream : *streams) {
        Shard& shard = shard_of(stream->hash);
        const std::lock_guard lock(shard.mutex);
        Entry* entry = find_entry(shard, stream->text(), stream->hash);
        if (entry == nullptr) continue;
        const PostingReader postings = window.postings(*stream, window.end());
        if (entry->count != stream->first_revision ||
            entry->count + postings.size() > kPositionsMax) {
            erase(shard, static_cast<std::size_t>(entry - shard.entries.data()));
            continue;
        }
        const std::size_t before = entry->bytes();
        for (std::uint32_t i = 0; i < postings.size(); ++i) {
            const std::uint64_t position = window.base() + postings[i];
            codec::append_varint(entry->deltas, position - entry->last);
            entry->last = position;
        }
        entry->count += postings.size();
        if (postings.size() > 0) entry->last_time = TimeNs(window.time_at(entry->last));
        count_bytes(before, entry->bytes());
    }
}

void StreamCache::erase(Shard& shard, std::size_t place) {
    Entry& entry = shard.entries[place];
    count_bytes(entry.bytes(), 0);
    shard.places.erase(entry.hash);
    if (place + 1 != shard.entries.size()) {
        entry = std::move(shard.entries.back());
        shard.places[entry.hash] = static_cast<std::uint32_t>(place);
    }
    shard.entries.pop_back();
}

void StreamCache::make_room(Shard& shard) {
    // The clock's hand passes over what was used since it was last here.
    while (totals_.bytes.load(std::memory_order_relaxed) > bytes_max_ && !shard.entries.empty()) {
        if (shard.hand >= shard.entries.size()) shard.hand = 0;
        Entry& entry = shard.entries[shard.hand];
        if (std::exchange(entry.was_used, false)) {
            ++shard.hand;
        } else {
            erase(shard, shard.hand);
        }
    }
}

}  // namespace annals::index
