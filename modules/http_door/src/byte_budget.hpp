// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

namespace annals::http_door::detail {

class ByteBudget;

/// Bytes of a budget, given back when it goes. Movable; any thread.
class ByteLease {
  public:
    ByteLease() = default;
    ByteLease(ByteLease&& other) noexcept
        : budget_(std::exchange(other.budget_, nullptr)), bytes_(other.bytes_) {}
    ByteLease& operator=(ByteLease&& other) noexcept {
        std::swap(budget_, other.budget_);
        std::swap(bytes_, other.bytes_);
        return *this;
    }
    ~ByteLease();

    /// Whether there is anything to give back.
    explicit operator bool() const { return budget_ != nullptr; }

  private:
    friend class ByteBudget;
    ByteLease(ByteBudget& budget, std::size_t bytes) : budget_(&budget), bytes_(bytes) {}

    ByteBudget* budget_ = nullptr;
    std::size_t bytes_ = 0;
};

/// So many bytes at a time, and no more. Outlives its leases. Any thread.
class ByteBudget {
  public:
    explicit ByteBudget(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    /// An empty lease when there are not so many left.
    [[nodiscard]] ByteLease take(std::size_t bytes) {
        std::size_t taken = taken_.load(std::memory_order_relaxed);
        do {
            if (bytes > bytes_max_ || taken > bytes_max_ - bytes) return {};
        } while (!taken_.compare_exchange_weak(taken, taken + bytes, std::memory_order_relaxed));
        return {*this, bytes};
    }

  private:
    friend class ByteLease;

    const std::size_t bytes_max_;
    std::atomic<std::size_t> taken_{0};
};

inline ByteLease::~ByteLease() {
    if (budget_ != nullptr) budget_->taken_.fetch_sub(bytes_, std::memory_order_relaxed);
}

}  // namespace annals::http_door::detail
