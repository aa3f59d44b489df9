// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace annals::index {

/// An array that one thread appends to while others read it without a lock: segments of doubling
/// size that never move. What a reader sees below size() is whole.
template <typename Value>
class GrowingArray {
  public:
    GrowingArray() = default;
    GrowingArray(const GrowingArray&) = delete;
    GrowingArray& operator=(const GrowingArray&) = delete;
    ~GrowingArray() {
        for (auto& segment : segments_) delete[] segment.load(std::memory_order_relaxed);
    }

    void append(Value value) {
        const std::size_t i = size_.load(std::memory_order_relaxed);
        const std::size_t k = segment_of(i);
        Value* segment = segments_[k].load(std::memory_order_relaxed);
        if (segment == nullptr) {
            segment = new Value[kFirst << k];
            bytes_ += (kFirst << k) * sizeof(Value);  // NOLINT(bugprone-sizeof-expression)
            segments_[k].store(segment, std::memory_order_relaxed);
        }
        segment[i - begin_of(k)] = value;
        size_.store(i + 1, std::memory_order_release);
    }

    [[nodiscard]] std::size_t size() const { return size_.load(std::memory_order_acquire); }
    /// Only below a size() that this thread has seen (or been told of by a later release).
    [[nodiscard]] Value operator[](std::size_t i) const {
        const std::size_t k = segment_of(i);
        return segments_[k].load(std::memory_order_relaxed)[i - begin_of(k)];
    }
    /// Calls visit(first index, values, count) for each run of neighbouring values below `size`.
    template <typename Visit>
    void for_each_run(std::size_t size, Visit visit) const {
        for (std::size_t k = 0; begin_of(k) < size; ++k) {
            const std::size_t begin = begin_of(k);
            const std::size_t end = begin_of(k + 1) < size ? begin_of(k + 1) : size;
            visit(begin, segments_[k].load(std::memory_order_relaxed), end - begin);
        }
    }
    /// For the appending thread.
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

  private:
    static constexpr std::size_t kFirst = 256;

    static std::size_t segment_of(std::size_t i) {
        return static_cast<std::size_t>(std::bit_width(i / kFirst + 1)) - 1;
    }
    static std::size_t begin_of(std::size_t k) { return kFirst * ((std::size_t{1} << k) - 1); }

    std::array<std::atomic<Value*>, 24> segments_{};
    std::atomic<std::size_t> size_{0};
    std::size_t bytes_ = 0;
};

}  // namespace annals::index
