// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "annals/base/result.hpp"
#include "annals/base/uuid.hpp"
#include "annals/model/query.hpp"
#include "annals/model/token.hpp"

namespace annals::index {

/// A name with its codec::hash64, computed by the callers' threads so that the writer does not.
struct Term {
    std::string_view text;
    std::uint64_t hash = 0;
};

/// The tag of events that were lost to damage before the index took them in. Begins with a control
/// character, which no tag of a user may contain.
inline constexpr std::string_view kLostTag = "\u0001lost";
/// Beside it on those of which no later event of their stream tells: where one was its stream's
/// last, the stream's revisions are given again (docs/adr/0022).
inline constexpr std::string_view kUnplacedTag = "\u0001unplaced";

/// What the index needs of one event. Views live until add() returns. Of an event that was lost to
/// damage there is the position, kLostTag, and the stream with its revision where later events of
/// the stream tell that one of theirs is missing; else the stream's text is empty.
struct IndexedEvent {
    Position position;
    Revision revision;
    TimeNs recorded_time;
    Uuid id;
    std::uint64_t fingerprint =
        0;  ///< model::fingerprint, kept (short) beside the id for idempotency
    Term stream;
    Term category;  ///< empty text: none
    Term type;
    std::span<const Term> tags;
};

enum class Direction : std::uint8_t { kForwards, kBackwards };

/// What the index knows of a stream.
struct StreamHead {
    Revision first;  ///< 0 until truncation exists
    Revision last;
    Position last_position;
    TimeNs last_time;
    TimeNs first_time;
};

struct StreamSummary {
    std::string name;
    std::uint64_t events = 0;
    Position last_position;
    TimeNs last_time;
};

struct CategorySummary {
    std::string name;
    std::uint64_t streams = 0;
    std::uint64_t events = 0;
    Position last_position;
    TimeNs last_time;
};

/// Where an event with a known id lies in its stream.
struct IdMatch {
    Position position;
    Revision revision;
    std::uint32_t hash;  ///< Index::id_hash of its id
};

/// The log's state that the index has reached; kept in every ingested set (log-and-rules 3.1, 3.2).
struct IndexMark {
    Position position;
    std::uint64_t chain = 0;
    bool operator==(const IndexMark&) const = default;
};

/// For metrics and for `store info`.
struct IndexStats {
    Position position;               ///< last position taken in
    IndexMark ingested;              ///< last position in RocksDB
    std::uint64_t window_bytes = 0;  ///< of the windows in memory
    std::uint64_t disk_bytes = 0;    ///< of the files
    std::uint64_t files = 0;
    std::uint64_t runs = 0;          ///< sorted runs that a read may have to look into
    bool is_held = false;            ///< windows wait in memory for compaction (runs_max)
    std::uint64_t add_waits = 0;     ///< how often add() waited for the background
    std::int64_t add_waited_ns = 0;  ///< how long in all
    std::string background_error;    ///< empty when it is well
};

/// How often the caches of all indexes of a server were asked, since it started.
struct IndexCacheCounts {
    std::uint64_t block_hits = 0;  ///< RocksDB's blocks, filters and block indexes
    std::uint64_t block_misses = 0;
    std::uint64_t stream_hits = 0;  ///< positions and heads of short streams
    std::uint64_t stream_misses = 0;
};

/// Memory shared by all indexes of a server: block cache, windows, filters.
class IndexMemory {
  public:
    explicit IndexMemory(std::size_t budget_bytes = 512u << 20u);
    ~IndexMemory();
    IndexMemory(const IndexMemory&) = delete;
    IndexMemory& operator=(const IndexMemory&) = delete;

    [[nodiscard]] std::size_t budget_bytes() const;
    /// What is in use now: windows, caches, filters and table readers.
    [[nodiscard]] std::size_t used_bytes() const;
    /// Any thread; a few µs.
    [[nodiscard]] IndexCacheCounts cache_counts() const;

  private:
    friend class Index;
    struct State;
    std::unique_ptr<State> state_;
};

struct IndexOptions {
    std::size_t window_events_max = 250'000;  ///< un-ingested window of this log
    std::size_t window_bytes_max = 64u << 20u;
    /// No more windows are ingested while so many sorted runs lie in RocksDB and compaction is at
    /// work on them: reads look into every run.
    std::size_t runs_max = 24;
    bool is_in_memory =
        false;  ///< memory mode: keeps everything in windows/an in-memory RocksDB env
};

/// Everything derived from one log for reading and deciding: stream, category, type and tag
/// postings, heads, ids. RocksDB without a write-ahead log holds what was ingested; the newest
/// window lies in flat memory structures and is turned into sorted files and ingested in the
/// background (docs/formats/index.md). Only durable positions are ever handed to add().
///
/// Threads: one writer calls add(); any thread reads. A read sees everything added before it began.
/// A background thread builds and ingests. Reads of windows and cached blocks cost µs; others touch
/// the disk. Leaves to others: reading the events themselves (`log`), feeding what is missing after
/// opening (`order_local`).
class Index {
  public:
    /// Opens or creates. `is_mark_valid(mark)` tells whether the log agrees with the mark found;
    /// where it does not, or where the files are damaged, everything is thrown away and
    /// `was_discarded` says why.
    static Result<std::unique_ptr<Index>> open(
        const std::string& directory,
        const IndexOptions& options,
        IndexMemory& memory,
        const std::function<bool(const IndexMark&)>& is_mark_valid,
        std::string& was_discarded
    );
    /// What the index in the directory has reached, for who cannot open it because the disk is
    /// full: writes nothing. Position 0 where there is none.
    static Result<IndexMark> mark_in(const std::string& directory, IndexMemory& memory);
    Index(const Index&) = delete;
    Index& operator=(const Index&) = delete;
    /// Stops the background thread; what was not ingested is fed again at the next opening.
    ~Index();

    // ---- the writer ----

    /// Takes in events with dense positions after position(). `chain` is the log's chain after the
    /// last of them. Blocks when the background is more than one window behind (a stated bound on
    /// memory), also because compaction is behind (runs_max, a stated bound on reads). While
    /// ingestion fails (a full disk), windows stay in memory, and it blocks only when 8 of them
    /// wait; see background_error().
    void add(std::span<const IndexedEvent> events, std::uint64_t chain);
    /// Ingests everything added so far, so that the next opening has nothing to feed. For a clean
    /// end and tests.
    Status flush();

    // ---- any thread ----

    /// Last position taken in.
    [[nodiscard]] Position position() const;
    /// Last position in RocksDB.
    [[nodiscard]] IndexMark ingested() const;
    /// Last error of the background thread, empty when it is well. It tries again after 0.1 s,
    /// later 10 s, and at once when flush() is called; meanwhile add() goes on in memory up to its
    /// bound. The next opening feeds again what was not ingested.
    [[nodiscard]] std::string background_error() const;
    [[nodiscard]] IndexStats stats() const;

    [[nodiscard]] Result<std::optional<StreamHead>> head(std::string_view stream) const;
    /// Head from memory alone (windows, cached blocks): nothing when the disk would have to be
    /// asked. `first_time` is 0 where memory does not tell it.
    [[nodiscard]] std::optional<std::optional<StreamHead>> head_without_disk(std::string_view stream
    ) const;

    /// Whether the stream may have a metadata stream (`$$…`), by codec::hash64 of its own name.
    /// From memory; a no is certain. A stream that is added is known when add() returns.
    [[nodiscard]] bool may_have_metadata(std::uint64_t stream_hash) const;

    /// Positions of the stream's events from `from` on (inclusive) in the direction, at most
    /// `limit`, appended to `out`. Backwards from beyond the end starts at the end.
    Status stream_positions(
        std::string_view stream,
        Revision from,
        Direction direction,
        std::size_t limit,
        std::vector<Position>& out
    ) const;

    /// Positions of events that meet the query, from `from` on (inclusive), at most `limit`, and
    /// none beyond `to` (forwards) or before it (backwards). Intersections and unions are done on
    /// posting blocks.
    Status query_positions(
        const model::Query& query,
        Position from,
        Position to,
        Direction direction,
        std::size_t limit,
        std::vector<Position>& out
    ) const;
    /// The same for a filter that names categories, types or tags. Stream prefixes and
    /// `include_system` are left to the caller, who sees the events anyway: candidates, not
    /// answers. False when the filter names none of these, so that the log itself should be
    /// scanned.
    Result<bool> filter_positions(
        const model::Filter& filter,
        Position from,
        Position to,
        Direction direction,
        std::size_t limit,
        std::vector<Position>& out
    ) const;

    /// Events of this stream whose ids have one of these short hashes, oldest first: candidates, to
    /// be confirmed from the log. One pass over what the index has of the stream, however many are
    /// looked for.
    Status find_ids_in_stream(
        std::string_view stream, std::span<const std::uint32_t> hashes, std::vector<IdMatch>& out
    ) const;
    /// Short hashes of the ids of all events of the stream, oldest first; nothing when there are
    /// more than `max`.
    Result<std::optional<std::vector<std::uint32_t>>> stream_id_hashes(
        std::string_view stream, std::size_t max
    ) const;
    /// The short hash that the above uses.
    [[nodiscard]] static std::uint32_t id_hash(const Uuid& id);

    /// Positions of all events with this id, over all streams: candidates, to be confirmed from the
    /// log.
    Status find_id(const Uuid& id, std::vector<Position>& out) const;

    /// Streams with the prefix in byte order after `after` (exclusive; empty = from the start), at
    /// most `limit`.
    Result<std::vector<StreamSummary>> list_streams(
        std::string_view prefix, std::string_view after, std::size_t limit
    ) const;
    Result<std::vector<CategorySummary>> list_categories(
        std::string_view prefix, std::string_view after, std::size_t limit
    ) const;
    /// Event types with the prefix and how many events each has.
    Result<std::vector<StreamSummary>> list_types(
        std::string_view prefix, std::string_view after, std::size_t limit
    ) const;

  private:
    class Impl;
    explicit Index(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace annals::index
