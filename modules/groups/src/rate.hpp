// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

namespace annals::groups {

/// How fast something is counted up, over the last half minute or so: from looks at the count, a
/// second apart at least. Times are Clock::monotonic_ns.
class Rate {
  public:
    static constexpr std::int64_t kBetweenNs = 1'000'000'000;
    static constexpr std::size_t kLooksMax = 30;

    /// Everything before is forgotten.
    void begin(std::int64_t ns, std::uint64_t count);
    /// Sooner than kBetweenNs after the last one it is nothing.
    void look(std::int64_t ns, std::uint64_t count);
    /// Since the oldest look that is kept; 0: no time has passed.
    [[nodiscard]] double per_second(std::int64_t ns, std::uint64_t count) const;

  private:
    struct Look {
        std::int64_t ns = 0;
        std::uint64_t count = 0;
    };
    std::deque<Look> looks_;
};

}  // namespace annals::groups
