// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "arena.hpp"

namespace annals::index {

/// Rising 32-bit offsets of one term within a window. One thread appends, others read without a
/// lock. Two lie in the list itself, more in chunks of doubling size, so that a term with one event
/// stays small.
class PostingList {
  public:
    void append(std::uint32_t offset, Arena& arena) {
        const std::uint32_t n = size_.load(std::memory_order_relaxed);
        if (n < kInline) {
            inline_[n] = offset;
        } else {
            const std::uint32_t k = chunk_of(n);
            const std::uint32_t at = n - begin_of(k);
            Chunk* tail = at == 0 ? add_chunk(k, arena) : tail_.load(std::memory_order_relaxed);
            tail->values()[at] = offset;
        }
        size_.store(n + 1, std::memory_order_release);
    }
    /// Fetches the memory that the next append will touch.
    void prefetch() const {
        const std::uint32_t n = size_.load(std::memory_order_relaxed);
        if (n < kInline) return;
        const std::uint32_t at = n - begin_of(chunk_of(n));
        const Chunk* tail = tail_.load(std::memory_order_relaxed);
        if (at != 0) __builtin_prefetch(tail->values() + at, 1);
    }

    [[nodiscard]] std::uint32_t size() const { return size_.load(std::memory_order_acquire); }
    /// The largest offset; for the appending thread, when size() > 0.
    [[nodiscard]] std::uint32_t back() const {
        const std::uint32_t last = size_.load(std::memory_order_relaxed) - 1;
        if (last < kInline) return inline_[last];
        return tail_.load(std::memory_order_relaxed)->values()[last - begin_of(chunk_of(last))];
    }

  private:
    friend class PostingReader;

    static constexpr std::uint32_t kInline = 2;

    // Chunk k holds 4 * 2^k offsets, the first of which is number 4 * 2^k - 2.
    static std::uint32_t chunk_of(std::uint32_t i) {
        return static_cast<std::uint32_t>(std::bit_width((i + 2u) / 4u)) - 1u;
    }
    static std::uint32_t begin_of(std::uint32_t k) { return (4u << k) - 2u; }

    struct Chunk {
        Chunk* previous;
        std::uint64_t number;
        [[nodiscard]] std::uint32_t* values() { return reinterpret_cast<std::uint32_t*>(this + 1); }
        [[nodiscard]] const std::uint32_t* values() const {
            return reinterpret_cast<const std::uint32_t*>(this + 1);
        }
    };

    Chunk* add_chunk(std::uint32_t number, Arena& arena);

    std::array<std::uint32_t, kInline> inline_{};
    std::atomic<std::uint32_t> size_{0};
    std::atomic<Chunk*> tail_{nullptr};
};

/// What a list held up to an offset at the moment of construction. Random access, cheap to make.
class PostingReader {
  public:
    /// Nothing.
    PostingReader() = default;
    /// The offsets that are at most `last`.
    PostingReader(const PostingList& list, std::uint32_t last);

    [[nodiscard]] std::uint32_t size() const { return size_; }
    [[nodiscard]] std::uint32_t operator[](std::uint32_t i) const {
        if (i < PostingList::kInline) return list_->inline_[i];
        const std::uint32_t k = PostingList::chunk_of(i);
        return chunks_[k][i - PostingList::begin_of(k)];
    }
    /// Index of the first offset that is at least `offset`, looking from index `from` on; size()
    /// when there is none.
    [[nodiscard]] std::uint32_t lower_bound(std::uint32_t offset, std::uint32_t from = 0) const;

  private:
    const PostingList* list_ = nullptr;
    std::uint32_t size_ = 0;
    std::array<const std::uint32_t*, 29> chunks_;  // filled as far as size_ needs
};

}  // namespace annals::index
