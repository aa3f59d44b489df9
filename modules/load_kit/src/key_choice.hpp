// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <optional>

#include "annals/load_kit/profile.hpp"

#include "key_space.hpp"
#include "zipf.hpp"

namespace annals::load_kit {

/// Picks the key of each operation of one lane. One thread.
class KeyChoice {
  public:
    KeyChoice(const Keys& keys, const KeySpace& space, std::uint64_t seed);

    /// For what may write a stream that is not there yet: out of all keys. `turn` is the
    /// operation's number, for sequential keys.
    std::uint64_t any(std::uint64_t turn);
    /// For what needs a stored one: nothing while there is none.
    std::optional<std::uint64_t> stored(std::uint64_t turn);

    [[nodiscard]] Dice& dice() { return dice_; }

  private:
    std::uint64_t rank(std::uint64_t count);

    const Keys& keys_;
    const KeySpace& space_;
    Dice dice_;
    std::optional<Zipf> zipf_;  ///< of as many ranks as were asked for last
};

}  // namespace annals::load_kit
