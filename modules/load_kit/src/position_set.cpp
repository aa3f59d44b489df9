// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "position_set.hpp"

#include <algorithm>

namespace annals::load_kit {

bool PositionSet::add(Position position) {
    if (position < first_) return false;
    const std::uint64_t at = position.value - first_.value;
    if (at >= kSpanMax) return false;
    const std::uint64_t word = at / 64;
    const std::uint64_t bit = std::uint64_t{1} << (at % 64);
    if (word >= words_.size()) words_.resize(std::max(word + 1, words_.size() * 3 / 2));
    if ((words_[word] & bit) != 0) return false;
    words_[word] |= bit;
    ++count_;
    return true;
}

bool PositionSet::contains_all(const PositionSet& others) const {
    for (std::size_t at = 0; at < others.words_.size(); ++at) {
        const std::uint64_t mine = at < words_.size() ? words_[at] : 0;
        if ((others.words_[at] & ~mine) != 0) return false;
    }
    return true;
}

}  // namespace annals::load_kit
