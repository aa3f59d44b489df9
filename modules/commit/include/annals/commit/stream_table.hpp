// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "annals/base/named_type.hpp"
#include "annals/commit/known_ids.hpp"
#include "annals/commit/rules.hpp"

namespace annals::commit {

/// What the rules keep in memory of one stream (or of one tracking key, whose name begins with a
/// control character, so that the two never meet). Lives in a StreamTable; who uses it pins it.
///
/// Life: made cold by the first pin; loaded once, by any thread, from index and log; from then on
/// moved on by the orderer's writer alone, whose every accept goes through it; dropped by the table
/// when nobody pins it. Pins last until what was accepted is visible in the index, so that a later
/// load finds it there: a load never races with an accept.
class StreamEntry {
  public:
    /// Short hashes of the ids of all the stream's events (index::Index::id_hash). Kept for streams
    /// to which clients give ids, and only then.
    enum class IdsState : std::uint8_t {
        kAbsent,      ///< not kept
        kCollecting,  ///< the writer adds, somebody loads the older ones
        kKept,        ///< whole
        kTooMany,     ///< over the bounds: the index is asked for each
    };

    StreamEntry(std::string_view entry_name, std::uint64_t entry_hash)
        : name(entry_name), hash(entry_hash) {}

    const std::string name;
    const std::uint64_t hash;  ///< codec::hash64(name)

    /// Loaded: the fields below mean something. Set with release after they were filled.
    std::atomic<bool> is_loaded{false};
    std::mutex load_mutex;  ///< who loads
    /// Proposals on it that wait for the disk; later ones queue behind them to keep the order.
    std::atomic<std::uint32_t> waiting{0};

    // Written by the loader, then by the writer; read by any thread that pins a loaded entry.
    std::atomic<std::uint64_t> event_count{0};
    std::atomic<std::uint64_t> last_position{0};
    // The writer's alone once loaded.
    bool is_deleted = false;
    bool is_tombstoned = false;
    bool has_metadata = false;
    Revision truncate_before;
    TrackedAppend tracked;

    [[nodiscard]] StreamState state() const {
        return {
            event_count.load(std::memory_order_relaxed),
            is_deleted,
            is_tombstoned,
            has_metadata,
            truncate_before
        };
    }
    /// For the loader, and for the writer who accepted something.
    void set_state(const StreamState& state) {
        event_count.store(state.event_count, std::memory_order_relaxed);
        is_deleted = state.is_deleted;
        is_tombstoned = state.is_tombstoned;
        has_metadata = state.has_metadata;
        truncate_before = state.truncate_before;
    }

    // ---- ids: any thread, see StreamTable::ids_mutex ----
    std::atomic<IdsState> ids_state{IdsState::kAbsent};
    KnownIds ids;

  private:
    friend class StreamTable;
    std::atomic<std::uint32_t> pins_{0};
    bool is_referenced_ = false;
    std::size_t place_ = 0;  ///< in its shard's list
    StreamEntry* next_same_hash_ = nullptr;
};

/// All StreamEntries of a log, found by name from any thread. Bounded in bytes: when an entry is
/// made and the bound is reached, a clock hand drops others that nobody pins and that were not used
/// since it passed. Pinned entries may exceed the bound (the orderer's queue bounds them).
class StreamTable {
  public:
    explicit StreamTable(std::size_t bytes_max);
    StreamTable(const StreamTable&) = delete;
    StreamTable& operator=(const StreamTable&) = delete;
    ~StreamTable();

    /// The entry of that name, made cold when there is none. To be unpinned once for each pin.
    StreamEntry* pin(std::string_view name, std::uint64_t hash);
    /// One more pin of an entry that the caller has pinned.
    static void pin_again(StreamEntry& entry) {
        entry.pins_.fetch_add(1, std::memory_order_relaxed);
    }
    static void unpin(StreamEntry& entry) { entry.pins_.fetch_sub(1, std::memory_order_release); }

    /// Guards ids of the entry.
    [[nodiscard]] std::mutex& ids_mutex(const StreamEntry& entry) {
        return shard_of(entry.hash).ids_mutex;
    }

    [[nodiscard]] std::size_t size() const;
    /// Entries and names; ids are counted when they are kept.
    [[nodiscard]] std::size_t bytes() const;
    /// To be called by whoever fills or empties an entry's ids, with their bytes before.
    void count_ids(const StreamEntry& entry, std::size_t bytes_before);
    /// The ids of all entries take more than half of the bound.
    [[nodiscard]] bool are_long_ids_too_many() const {
        return ids_bytes_.load(std::memory_order_relaxed) > ids_bytes_max_;
    }

  private:
    struct alignas(64) Shard {
        mutable std::mutex mutex;
        boost::unordered_flat_map<std::uint64_t, StreamEntry*> by_hash;
        std::vector<StreamEntry*> entries;
        std::size_t hand = 0;
        std::atomic<std::size_t> bytes{0};
        std::mutex ids_mutex;
    };
    static constexpr std::size_t kShards = 64;

    Shard& shard_of(std::uint64_t hash) { return shards_[(hash >> 32u) % kShards]; }
    StreamEntry* find(Shard& shard, std::string_view name, std::uint64_t hash);
    StreamEntry* insert(Shard& shard, std::string_view name, std::uint64_t hash);
    void make_room(Shard& shard);
    void drop(Shard& shard, StreamEntry* entry);

    const std::size_t shard_bytes_max_;
    const std::size_t ids_bytes_max_;
    std::atomic<std::size_t> ids_bytes_{0};
    std::unique_ptr<Shard[]> shards_;
};

}  // namespace annals::commit
