// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

#include "annals/index/index.hpp"

#include "arena.hpp"
#include "growing_array.hpp"
#include "posting_list.hpp"

namespace annals::index {

/// What a window keeps postings of.
enum class TermKind : std::uint8_t { kStream, kCategory, kType, kTag };
inline constexpr std::size_t kTermKinds = 4;

/// One stream, category, type or tag of a window. Made by the writer, read by anyone, never moved.
/// One cache line.
struct alignas(64) TermEntry {
    static constexpr std::int64_t kTimeUnknown = std::numeric_limits<std::int64_t>::min();

    TermEntry(TermKind kind, std::uint64_t mixed_hash, std::string_view name)
        : hash(mixed_hash),
          data(name.data()),
          size_and_kind(
              static_cast<std::uint32_t>(name.size()) << 2u | static_cast<std::uint32_t>(kind)
          ) {}

    [[nodiscard]] std::string_view text() const { return {data, size_and_kind >> 2u}; }
    [[nodiscard]] TermKind kind() const { return static_cast<TermKind>(size_and_kind & 3u); }

    const std::uint64_t hash;
    const char* const data;
    const std::uint32_t size_and_kind;
    std::atomic<std::uint32_t> new_streams{0};  ///< categories: streams that began in this window
    PostingList postings;
    std::uint64_t first_revision = 0;  ///< streams: of the first event in this window
    /// Streams: recorded time of revision 0, once somebody knows it.
    mutable std::atomic<std::int64_t> first_time{kTimeUnknown};
};
static_assert(sizeof(TermEntry) == 64);

/// The newest events in memory: postings per term, id hash and time per event, for dense positions
/// from base() on.
///
/// Threads: one writer adds and publishes; any thread reads what is published without a lock. A
/// reader takes end() once and passes it on, so that all its answers speak of the same moment.
class Window {
  public:
    /// `terms_expected` sizes the hash table, so that it need not grow.
    Window(std::uint64_t base, std::size_t terms_expected);
    Window(const Window&) = delete;
    Window& operator=(const Window&) = delete;
    ~Window();

    // ---- the writer ----
    void add(std::span<const IndexedEvent> events);
    /// Shows what was added to readers.
    void publish(std::uint64_t chain);
    [[nodiscard]] std::size_t bytes() const;
    [[nodiscard]] std::size_t term_count() const { return term_count_; }
    [[nodiscard]] std::uint64_t chain() const {
        return chain_;
    }  ///< also for the builder, once frozen

    // ---- any thread ----
    [[nodiscard]] std::uint64_t base() const { return base_; }
    /// Last published position; base() - 1 when there is none.
    [[nodiscard]] std::uint64_t end() const { return end_.load(std::memory_order_acquire); }
    [[nodiscard]] const TermEntry* find(TermKind kind, std::string_view text, std::uint64_t hash)
        const;
    /// All entries of a kind in byte order of their names. Cheap when nothing new came since the
    /// last call.
    [[nodiscard]] std::shared_ptr<const std::vector<const TermEntry*>> sorted(TermKind kind) const;
    /// The entry's postings up to position `end`, as offsets from base().
    [[nodiscard]] PostingReader postings(const TermEntry& entry, std::uint64_t end) const;
    /// Of a published position.
    [[nodiscard]] std::int64_t time_at(std::uint64_t position) const {
        return times_[position - base_];
    }
    [[nodiscard]] std::uint64_t id_at(std::uint64_t position) const {
        return ids_[position - base_];
    }
    /// Appends the positions up to `end` whose id has this hash.
    void find_id(std::uint64_t hash, std::uint64_t end, std::vector<Position>& out) const;

  private:
    /// Slots of an open hash table: the hash's high 16 bits and the entry's address in one word; 0
    /// is free.
    struct Table {
        explicit Table(std::size_t size)
            : mask(size - 1), slots(std::make_unique<std::atomic<std::uint64_t>[]>(size)) {}
        const std::size_t mask;
        const std::unique_ptr<std::atomic<std::uint64_t>[]> slots;
    };
    struct SortedTerms {
        std::mutex mutex;
        std::shared_ptr<const std::vector<const TermEntry*>> terms;
    };

    void add(const IndexedEvent& event);
    /// Stream, category and type; an event that was lost to damage may have none.
    void add_names(const IndexedEvent& event, std::uint32_t offset);
    TermEntry& intern(TermKind kind, const Term& term);
    // Memory is fetched ahead in three steps: the table's slots, the entries in them, the ends of
    // their lists.
    void prefetch_slots(const IndexedEvent& event) const;
    void prefetch_entries(const IndexedEvent& event) const;
    void prefetch_lists(const IndexedEvent& event) const;
    void grow();

    const std::uint64_t base_;
    std::uint64_t next_;
    std::uint64_t chain_ = 0;
    std::size_t term_count_ = 0;
    std::size_t table_bytes_ = 0;
    Arena arena_;
    std::vector<std::unique_ptr<Table>> tables_;  // outgrown ones stay for readers
    std::array<GrowingArray<const TermEntry*>, kTermKinds> terms_;
    GrowingArray<std::uint64_t> ids_;
    GrowingArray<std::int64_t> times_;
    mutable std::array<SortedTerms, kTermKinds> sorted_;
    // Read by everyone: on lines of their own.
    alignas(64) std::atomic<const Table*> table_{nullptr};
    alignas(64) std::atomic<std::uint64_t> end_;
};

}  // namespace annals::index
