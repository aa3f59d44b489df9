// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <optional>
#include <vector>

#include "annals/log/segment_log.hpp"

namespace annals::log::detail {

/// What is known of a log's damage: what opening found and what readers met since. Safe from any
/// thread; a look at count() takes no lock.
class KnownDamage {
  public:
    /// So many ranges are kept apart; further ones are not kept.
    static constexpr std::size_t kRangesMax = 4'096;

    /// Notes a place; joins it with what it touches in the same segment. True when it was not
    /// known and touches nothing that was: whoever tells of it tells of each range once.
    bool note(const Damage& damage);
    /// The range that holds the position.
    [[nodiscard]] std::optional<Damage> find(Position position) const;
    /// In order of position.
    [[nodiscard]] std::vector<Damage> list() const;
    [[nodiscard]] std::size_t count() const { return count_.load(std::memory_order_relaxed); }

  private:
    mutable std::mutex mutex_;
    std::vector<Damage> ranges_;  // by first position
    std::atomic<std::size_t> count_{0};
};

}  // namespace annals::log::detail
