// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "key_choice.hpp"

#include <algorithm>

namespace annals::load_kit {

KeyChoice::KeyChoice(const Keys& keys, const KeySpace& space, std::uint64_t seed)
    : keys_(keys), space_(space), dice_(seed) {}

std::uint64_t KeyChoice::rank(std::uint64_t count) {
    if (!zipf_ || zipf_->count() != count) zipf_.emplace(count, keys_.skew);
    return zipf_->draw(dice_);
}

std::uint64_t KeyChoice::any(std::uint64_t turn) {
    const std::uint64_t count = std::min(keys_.count, space_.count());
    switch (keys_.distribution) {
        case KeyDistribution::kUniform:
            return dice_.roll(count);
        case KeyDistribution::kZipf:
            return rank(count);
        case KeyDistribution::kLatest:
            // The newest are what this run stored last; one in a hundred begins another.
            if (space_.known() == 0 || (space_.known() < count && dice_.roll(100) == 0)) {
                return dice_.roll(count);
            }
            return *stored(turn);
        case KeyDistribution::kSequential:
            return turn % count;
    }
    return 0;
}

std::optional<std::uint64_t> KeyChoice::stored(std::uint64_t turn) {
    const std::uint64_t known = space_.known();
    if (known == 0) return std::nullopt;
    switch (keys_.distribution) {
        case KeyDistribution::kUniform:
            return space_.known_at(dice_.roll(known));
        case KeyDistribution::kZipf:
            return space_.known_at(rank(known));
        case KeyDistribution::kLatest:
            return space_.known_at(known - 1 - rank(known));
        case KeyDistribution::kSequential:
            return space_.known_at(turn % known);
    }
    return std::nullopt;
}

}  // namespace annals::load_kit
