// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/commit/known_ids.hpp"

#include <algorithm>
#include <iterator>

namespace annals::commit {
namespace {

constexpr std::size_t kExactBytes = 6;   // of a number at the set's usual load
constexpr std::size_t kFilterBytes = 2;  // of an id, in a full filter

/// The constants of the format's specification.
constexpr std::array<std::uint32_t, 8> kSalt = {
    0x47b6137bu,
    0x44974d91u,
    0x8824ad5bu,
    0xa2b7289du,
    0x705495c7u,
    0x2df1424bu,
    0x9efc4947u,
    0x5c6bfb31u,
};

/// A bijection whose halves both depend on all bits (the finalizer of SplitMix64).
std::uint64_t mix(std::uint32_t hash) {
    std::uint64_t x = hash + 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30u)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27u)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31u);
}

std::size_t block_of(std::uint64_t mixed, std::size_t blocks) {
    return static_cast<std::size_t>(((mixed >> 32u) * blocks) >> 32u);
}

std::uint32_t bit_of(std::uint64_t mixed, std::size_t word) {
    return 1u << ((static_cast<std::uint32_t>(mixed) * kSalt[word]) >> 27u);
}

}  // namespace

KnownIds::Layer::Layer(std::size_t ids)
    : room(ids), blocks(std::max<std::size_t>(1, ids * kFilterBytes / sizeof(Block))) {}

bool KnownIds::Layer::may_contain(std::uint64_t mixed) const {
    const Block& block = blocks[block_of(mixed, blocks.size())];
    for (std::size_t word = 0; word < block.words.size(); ++word) {
        if ((block.words[word] & bit_of(mixed, word)) == 0) return false;
    }
    return true;
}

void KnownIds::Layer::insert(std::uint64_t mixed) {
    Block& block = blocks[block_of(mixed, blocks.size())];
    for (std::size_t word = 0; word < block.words.size(); ++word)
        block.words[word] |= bit_of(mixed, word);
    --room;
}

KnownIds::KnownIds(const std::vector<std::uint32_t>& hashes) {
    if (hashes.size() > kExactMax) become_filter(hashes.size() + hashes.size() / 2);
    for (const std::uint32_t hash : hashes) insert(hash);
}

void KnownIds::insert(std::uint32_t hash) {
    if (layers_.empty()) {
        exact_.insert(hash);
        size_ = exact_.size();
        if (size_ > kExactMax) become_filter(4 * kExactMax);
        return;
    }
    if (may_contain(hash)) return;
    if (layers_.back().room == 0) {
        layers_.emplace_back(2 * layers_.back().blocks.size() * sizeof(Block) / kFilterBytes);
    }
    layers_.back().insert(mix(hash));
    ++size_;
}

void KnownIds::absorb(KnownIds&& other) {
    if (!other.layers_.empty()) {
        if (layers_.empty()) become_filter(4 * kExactMax);
        // Behind the last one nothing more would fit.
        layers_.insert(
            layers_.begin(),
            std::make_move_iterator(other.layers_.begin()),
            std::make_move_iterator(other.layers_.end())
        );
        size_ += other.size_;
    }
    for (const std::uint32_t hash : other.exact_) insert(hash);
    other = {};
}

bool KnownIds::may_contain(std::uint32_t hash) const {
    if (layers_.empty()) return exact_.contains(hash);
    const std::uint64_t mixed = mix(hash);
    return std::any_of(layers_.rbegin(), layers_.rend(), [mixed](const Layer& layer) {
        return layer.may_contain(mixed);
    });
}

std::size_t KnownIds::bytes() const {
    std::size_t bytes = exact_.size() * kExactBytes;
    for (const Layer& layer : layers_) bytes += layer.blocks.size() * sizeof(Block);
    return bytes;
}

void KnownIds::become_filter(std::size_t ids) {
    layers_.emplace_back(ids);
    for (const std::uint32_t hash : exact_) layers_.back().insert(mix(hash));
    exact_ = {};
}

}  // namespace annals::commit
