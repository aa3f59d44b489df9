// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "annals/index/index.hpp"

#include "window.hpp"

namespace annals::index {

/// Over the stream caches of all indexes of a server.
struct StreamCacheTotals {
    std::atomic<std::size_t> bytes{0};
    std::atomic<std::uint64_t> hits{0};
    std::atomic<std::uint64_t> misses{0};
};

/// Short streams that were read, whole as far as they are in RocksDB: a stream spread over many
/// files costs a search in each of them, and the same streams are read again and again. Positions
/// never change, so an entry only ever grows, by the window that was ingested.
///
/// Threads: any thread finds and inserts; the background thread extends. Bounded by a share of the
/// memory budget that all indexes of a server use together; what was not read lately goes first.
class StreamCache {
  public:
    /// Longer streams are not kept: their search is spread over many positions.
    static constexpr std::size_t kPositionsMax = 128;

    /// `position` is what RocksDB has reached. The totals must outlive the cache.
    StreamCache(std::uint64_t position, std::size_t bytes_max, StreamCacheTotals& totals);
    StreamCache(const StreamCache&) = delete;
    StreamCache& operator=(const StreamCache&) = delete;
    ~StreamCache();

    /// Replaces `positions` by those of revisions 0 up to the last one at or below position `end`.
    bool find(
        std::string_view stream,
        std::uint64_t hash,
        std::uint64_t end,
        std::vector<std::uint64_t>& positions
    );
    /// The whole stream as it was when RocksDB had reached `end`; ignored when it has gone on
    /// since.
    void insert(
        std::string_view stream,
        std::uint64_t hash,
        std::uint64_t end,
        const std::vector<std::uint64_t>& positions
    );
    /// What find() knows of the stream's end, once somebody has told the times. The first time is
    /// not always known: without `needs_first_time` it may stay as it is.
    bool find_head(
        std::string_view stream,
        std::uint64_t hash,
        std::uint64_t end,
        bool needs_first_time,
        StreamHead& head
    );
    /// The times of a head that was read; ignored when the stream is not kept or has gone on.
    void insert_times(
        std::string_view stream, std::uint64_t hash, const StreamHead& head, bool has_first_time
    );
    /// Adds what an ingested window brings, before anybody is shown RocksDB with it.
    void extend(const Window& window);

  private:
    struct Entry {
        std::string name;
        std::string deltas;  ///< varints
        std::uint64_t last = 0;
        std::uint32_t count = 0;
        bool was_used = false;
        bool has_first_time = false;
        bool has_last_time = false;
        std::uint64_t hash = 0;
        TimeNs first_time;
        TimeNs last_time;
        [[nodiscard]] std::size_t bytes() const;
    };
    struct alignas(64) Shard {
        std::mutex mutex;
        std::uint64_t position = 0;
        std::size_t hand = 0;
        std::vector<Entry> entries;
        boost::unordered_flat_map<std::uint64_t, std::uint32_t> places;  ///< by hash
    };
    static constexpr std::size_t kShards = 16;

    Shard& shard_of(std::uint64_t hash) { return shards_[hash >> 60u]; }
    static Entry* find_entry(Shard& shard, std::string_view stream, std::uint64_t hash);
    void erase(Shard& shard, std::size_t place);
    void make_room(Shard& shard);
    void count_bytes(std::size_t before, std::size_t after);
    void count_lookup(bool is_hit);

    const std::size_t bytes_max_;
    StreamCacheTotals& totals_;
    std::atomic<std::size_t> bytes_{0};
    std::array<Shard, kShards> shards_;
};

}  // namespace annals::index
