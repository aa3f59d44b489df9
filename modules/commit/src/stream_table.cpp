// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/commit/stream_table.hpp"

#include "annals/base/assert.hpp"

namespace annals::commit {
namespace {

constexpr std::size_t kPlaceBytes = 40;  // in the hash map and in the list

std::size_t bytes_of(const StreamEntry& entry) {
    const bool is_inline = entry.name.capacity() <= 15;
    return sizeof(StreamEntry) + kPlaceBytes + (is_inline ? 0 : entry.name.capacity() + 16);
}

}  // namespace

StreamTable::StreamTable(std::size_t bytes_max)
    : shard_bytes_max_(bytes_max / kShards),
      ids_bytes_max_(bytes_max / 2),
      shards_(std::make_unique<Shard[]>(kShards)) {}

StreamTable::~StreamTable() {
    for (std::size_t i = 0; i < kShards; ++i) {
        for (const StreamEntry* entry : shards_[i].entries) delete entry;
    }
}

StreamEntry* StreamTable::pin(std::string_view name, std::uint64_t hash) {
    Shard& shard = shard_of(hash);
    const std::lock_guard lock(shard.mutex);
    StreamEntry* entry = find(shard, name, hash);
    if (entry == nullptr) entry = insert(shard, name, hash);
    entry->pins_.fetch_add(1, std::memory_order_relaxed);
    entry->is_referenced_ = true;
    return entry;
}

std::size_t StreamTable::size() const {
    std::size_t size = 0;
    for (std::size_t i = 0; i < kShards; ++i) {
        const std::lock_guard lock(shards_[i].mutex);
        size += shards_[i].entries.size();
    }
    return size;
}

std::size_t StreamTable::bytes() const {
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < kShards; ++i) bytes += shards_[i].bytes.load();
    return bytes;
}

void StreamTable::count_ids(const StreamEntry& entry, std::size_t bytes_before) {
    // Unsigned arithmetic wraps the right way for what goes.
    const std::size_t more = entry.ids.bytes() - bytes_before;
    if (more == 0) return;
    shard_of(entry.hash).bytes.fetch_add(more, std::memory_order_relaxed);
    ids_bytes_.fetch_add(more, std::memory_order_relaxed);
}

StreamEntry* StreamTable::find(Shard& shard, std::string_view name, std::uint64_t hash) {
    const auto place = shard.by_hash.find(hash);
    if (place == shard.by_hash.end()) return nullptr;
    StreamEntry* entry = place->second;
    while (entry != nullptr && entry->name != name) entry = entry->next_same_hash_;
    return entry;
}

StreamEntry* StreamTable::insert(Shard& shard, std::string_view name, std::uint64_t hash) {
    if (shard.bytes.load(std::memory_order_relaxed) > shard_bytes_max_) make_room(shard);
    auto entry = std::make_unique<StreamEntry>(name, hash);
    entry->place_ = shard.entries.size();
    shard.entries.push_back(entry.get());
    StreamEntry*& head = shard.by_hash[hash];
    entry->next_same_hash_ = head;
    head = entry.get();
    shard.bytes.fetch_add(bytes_of(*entry), std::memory_order_relaxed);
    return entry.release();
}

void StreamTable::make_room(Shard& shard) {
    // Twice round: once to take the reference marks away, once to drop.
    const std::size_t steps_max = 2 * shard.entries.size();
    for (std::size_t step = 0; step < steps_max && !shard.entries.empty(); ++step) {
        if (shard.bytes.load(std::memory_order_relaxed) <= shard_bytes_max_) return;
        if (shard.hand >= shard.entries.size()) shard.hand = 0;
        StreamEntry* entry = shard.entries[shard.hand];
        if (entry->pins_.load(std::memory_order_acquire) != 0) {
            ++shard.hand;
        } else if (entry->is_referenced_) {
            entry->is_referenced_ = false;
            ++shard.hand;
        } else {
            drop(shard, entry);
        }
    }
}

void StreamTable::drop(Shard& shard, StreamEntry* entry) {
    const auto head = shard.by_hash.find(entry->hash);
    ANNALS_ASSERT(head != shard.by_hash.end(), "every entry is in the map");
    StreamEntry** link = &head->second;
    while (*link != entry) link = &(*link)->next_same_hash_;
    *link = entry->next_same_hash_;
    if (head->second == nullptr) shard.by_hash.erase(head);

    shard.entries[entry->place_] = shard.entries.back();
    shard.entries[entry->place_]->place_ = entry->place_;
    shard.entries.pop_back();
    const std::size_t ids = entry->ids.bytes();
    shard.bytes.fetch_sub(bytes_of(*entry) + ids, std::memory_order_relaxed);
    ids_bytes_.fetch_sub(ids, std::memory_order_relaxed);
    delete entry;
}

}  // namespace annals::commit
