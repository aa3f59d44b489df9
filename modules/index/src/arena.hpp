// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace annals::index {

/// Memory that is given out piece by piece and taken back all at once, with the window that owns
/// it. One thread allocates; pieces are aligned to 8 bytes at least and never move.
class Arena {
  public:
    void* allocate(std::size_t bytes) {
        bytes = (bytes + 7u) & ~std::size_t{7};
        if (bytes > left_) grow(bytes);
        return take(bytes);
    }
    /// The same, aligned to a cache line.
    void* allocate_line(std::size_t bytes) {
        const std::size_t skip = (64u - reinterpret_cast<std::uintptr_t>(next_) % 64u) % 64u;
        if (bytes + skip > left_) {
            grow(bytes);  // blocks are aligned
        } else {
            take(skip);
        }
        return take(bytes);
    }
    /// Taken from the system so far.
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

  private:
    struct alignas(64) Line {
        char bytes[64];
    };

    void grow(std::size_t at_least);
    void* take(std::size_t bytes) {
        char* piece = next_;
        next_ += bytes;
        left_ -= bytes;
        return piece;
    }

    std::vector<std::unique_ptr<Line[]>> blocks_;
    char* next_ = nullptr;
    std::size_t left_ = 0;
    std::size_t block_size_ = 4096;
    std::size_t bytes_ = 0;
};

}  // namespace annals::index
