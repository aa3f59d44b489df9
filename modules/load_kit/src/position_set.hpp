// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <vector>

#include "annals/base/named_type.hpp"

namespace annals::load_kit {

/// Which positions of a log were seen: one bit for each position behind the run's start, whoever
/// wrote it. One thread at a time.
class PositionSet {
  public:
    /// Positions in front of the first, or this far behind it (1 GiB of bits), are not taken.
    static constexpr std::uint64_t kSpanMax = std::uint64_t{1} << 33u;

    explicit PositionSet(Position first) : first_(first) {}

    /// False when it was there already, or is not taken.
    bool add(Position position);
    [[nodiscard]] std::uint64_t count() const { return count_; }
    [[nodiscard]] bool contains_all(const PositionSet& others) const;
    bool operator==(const PositionSet& other) const {
        return count_ == other.count_ && contains_all(other);
    }

  private:
    Position first_;
    std::uint64_t count_ = 0;
    std::vector<std::uint64_t> words_;
};

}  // namespace annals::load_kit
