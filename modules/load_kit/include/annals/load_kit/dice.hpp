// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <limits>

namespace annals::load_kit {

/// SplitMix64: the same choices in every run with the same seed. A UniformRandomBitGenerator.
class Dice {
  public:
    using result_type = std::uint64_t;

    explicit Dice(std::uint64_t seed) : state_(seed) {}

    static constexpr result_type min() { return 0; }
    static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }
    result_type operator()() {
        state_ += 0x9E3779B97F4A7C15u;
        std::uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30u)) * 0xBF58476D1CE4E5B9u;
        mixed = (mixed ^ (mixed >> 27u)) * 0x94D049BB133111EBu;
        return mixed ^ (mixed >> 31u);
    }

    /// 0 to sides - 1.
    std::uint64_t roll(std::uint64_t sides) { return (*this)() % sides; }
    /// From 0 up to 1, which it is never.
    double share() { return static_cast<double>((*this)() >> 11u) * 0x1.0p-53; }

  private:
    std::uint64_t state_;
};

}  // namespace annals::load_kit
