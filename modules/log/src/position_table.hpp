// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

namespace annals::log::detail {

/// Entry of a position table: where an event lies in its segment, in units of 8 bytes. The top bit
/// says that it lies in a compressed group, whose header is there. 0: the event cannot be read.
inline constexpr std::uint32_t kCompressedEntry = 1u << 31u;

[[nodiscard]] constexpr std::uint32_t make_entry(std::uint64_t offset, bool is_compressed) {
    return static_cast<std::uint32_t>(offset / 8) | (is_compressed ? kCompressedEntry : 0);
}
[[nodiscard]] constexpr bool is_compressed_entry(std::uint32_t entry) {
    return (entry & kCompressedEntry) != 0;
}
[[nodiscard]] constexpr std::uint64_t entry_offset(std::uint32_t entry) {
    return std::uint64_t{entry & ~kCompressedEntry} * 8;
}

/// No event takes less of a file: in a compressed group its entry in the table of offsets. So this
/// bounds how many events a file can hold, whatever its headers claim.
inline constexpr std::uint64_t kEventBytesMin = 4;

/// Growing table of one writer, read by any thread without a lock. What a reader may ask for is
/// told by something published after it (the durable end); anything else it asks for is 0.
class PositionTable {
  public:
    explicit PositionTable(std::uint64_t events_max)
        : chunks_(static_cast<std::size_t>(events_max / kChunkEntries + 1)) {}
    PositionTable(const PositionTable&) = delete;
    PositionTable& operator=(const PositionTable&) = delete;
    ~PositionTable() {
        for (const std::atomic<Chunk*>& chunk : chunks_)
            delete chunk.load(std::memory_order_relaxed);
    }

    /// Writer only.
    void push(std::uint32_t entry) {
        std::atomic<Chunk*>& slot = chunks_[static_cast<std::size_t>(size_ / kChunkEntries)];
        Chunk* chunk = slot.load(std::memory_order_relaxed);
        if (chunk == nullptr) {
            chunk = new Chunk{};
            slot.store(chunk, std::memory_order_release);
        }
        (*chunk)[static_cast<std::size_t>(size_ % kChunkEntries)] = entry;
        ++size_;
    }
    /// Writer only.
    [[nodiscard]] std::uint64_t size() const { return size_; }

    [[nodiscard]] std::uint32_t get(std::uint64_t index) const {
        const auto at = static_cast<std::size_t>(index / kChunkEntries);
        if (at >= chunks_.size()) return 0;
        const Chunk* chunk = chunks_[at].load(std::memory_order_acquire);
        return chunk == nullptr ? 0 : (*chunk)[static_cast<std::size_t>(index % kChunkEntries)];
    }

  private:
    static constexpr std::uint64_t kChunkEntries = 8192;
    using Chunk = std::array<std::uint32_t, kChunkEntries>;
    std::vector<std::atomic<Chunk*>> chunks_;
    std::uint64_t size_ = 0;
};

}  // namespace annals::log::detail
