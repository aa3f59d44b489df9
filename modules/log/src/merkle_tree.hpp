// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "annals/base/named_type.hpp"
#include "annals/codec/checksum.hpp"

namespace annals::log::detail {

/// Positions with the same (p - 1) / kTreeBlock share a tree.
inline constexpr std::uint64_t kTreeBlock = 65'536;

struct TreeRoot {
    std::uint64_t block = 0;
    codec::Sha256 root{};
    bool operator==(const TreeRoot&) const = default;
};

/// Leaf of an event: `header` are the frame's bytes from position to payload checksum.
[[nodiscard]] codec::Sha256 tree_leaf(std::string_view header, std::string_view salted_payload);
/// The same where the payload is gone and its SHA-256, salt included, is left.
[[nodiscard]] codec::Sha256 tree_leaf_of_hash(
    std::string_view header, const codec::Sha256& payload_hash
);
[[nodiscard]] codec::Sha256 tree_node(const codec::Sha256& left, const codec::Sha256& right);

/// The unfinished block: one peak for each bit of the number of its leaves, the largest first.
struct TreeFrontier {
    std::uint64_t leaves = 0;
    std::vector<codec::Sha256> peaks;
    bool operator==(const TreeFrontier&) const = default;
};

/// Takes the events in order; finished blocks become roots. A block in which events are missing
/// gets none.
class MerkleTree {
  public:
    MerkleTree() = default;
    explicit MerkleTree(TreeFrontier frontier) : frontier_(std::move(frontier)) {}

    void add(Position position, const codec::Sha256& leaf) { add(position, 1, leaf); }
    /// A whole subtree: so many leaves, a power of two, from a place that they divide.
    void add(Position first, std::uint64_t leaves, const codec::Sha256& hash);
    [[nodiscard]] const std::vector<TreeRoot>& roots() const { return roots_; }
    [[nodiscard]] const TreeFrontier& frontier() const { return frontier_; }

  private:
    TreeFrontier frontier_;
    std::vector<TreeRoot> roots_;
};

}  // namespace annals::log::detail
