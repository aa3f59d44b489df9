// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "merkle_tree.hpp"

#include <cstring>

#include "annals/base/assert.hpp"

#include "event_frame.hpp"

namespace annals::log::detail {
namespace {

constexpr char kLeafDomain = 0;
constexpr char kNodeDomain = 1;
constexpr std::size_t kHashBytes = 32;

}  // namespace

codec::Sha256 tree_leaf(std::string_view header, std::string_view salted_payload) {
    return tree_leaf_of_hash(header, codec::sha256(salted_payload));
}

codec::Sha256 tree_leaf_of_hash(std::string_view header, const codec::Sha256& payload) {
    std::array<char, 1 + EventFrame::kCheckedBytes + kHashBytes> input{};
    ANNALS_ASSERT(
        header.size() == EventFrame::kCheckedBytes, "a leaf takes the checked part of a frame"
    );
    input[0] = kLeafDomain;
    std::memcpy(input.data() + 1, header.data(), header.size());
    std::memcpy(input.data() + 1 + header.size(), payload.data(), kHashBytes);
    return codec::sha256({input.data(), input.size()});
}

codec::Sha256 tree_node(const codec::Sha256& left, const codec::Sha256& right) {
    std::array<char, 1 + 2 * kHashBytes> input{};
    input[0] = kNodeDomain;
    std::memcpy(input.data() + 1, left.data(), kHashBytes);
    std::memcpy(input.data() + 1 + kHashBytes, right.data(), kHashBytes);
    return codec::sha256({input.data(), input.size()});
}

void MerkleTree::add(Position first, std::uint64_t leaves, const codec::Sha256& hash) {
    const std::uint64_t index = (first.value - 1) % kTreeBlock;
    if (index == 0) frontier_ = {};
    if (index != frontier_.leaves) return;  // events before it are missing: the block has no root
    codec::Sha256 peak = hash;
    for (std::uint64_t bit = leaves; (frontier_.leaves & bit) != 0; bit <<= 1u) {
        peak = tree_node(frontier_.peaks.back(), peak);
        frontier_.peaks.pop_back();
    }
    frontier_.peaks.push_back(peak);
    frontier_.leaves += leaves;
    if (frontier_.leaves < kTreeBlock) return;
    roots_.push_back({(first.value - 1) / kTreeBlock, frontier_.peaks.front()});
    frontier_ = {};
}

}  // namespace annals::log::detail
