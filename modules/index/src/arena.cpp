// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "arena.hpp"

#include <algorithm>

namespace annals::index {
namespace {

constexpr std::size_t kBlockSizeMax = 256u << 10u;

}  // namespace

void Arena::grow(std::size_t at_least) {
    const std::size_t lines = (std::max(block_size_, at_least) + sizeof(Line) - 1) / sizeof(Line);
    blocks_.push_back(std::make_unique_for_overwrite<Line[]>(lines));
    const std::size_t size = lines * sizeof(Line);
    next_ = blocks_.back().get()->bytes;
    left_ = size;
    bytes_ += size;
    block_size_ = std::min(block_size_ * 2, kBlockSizeMax);
}

}  // namespace annals::index
