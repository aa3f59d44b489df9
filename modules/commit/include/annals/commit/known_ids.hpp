// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

namespace annals::commit {

/// Which ids a stream has, by their short hashes (index::Index::id_hash): proves for nearly all new
/// ids that they are new, whatever the length of the stream. Never says "new" of one that was
/// inserted.
///
/// Few are a set, exact up to the hash. More than kExactMax are a filter of 2 bytes each that takes
/// one new id in a few hundred for a known one; who must know then asks the index. Filters: split
/// blocks as in the Parquet format ("Parquet Bloom Filter"), several in a row, each for twice as
/// many ids as the one before.
///
/// Cost: one or, in a filter, at most a handful of cache lines per question. Not thread-safe.
class KnownIds {
  public:
    static constexpr std::size_t kExactMax = 65'536;

    KnownIds() = default;
    /// All of `hashes`, with room for more.
    explicit KnownIds(const std::vector<std::uint32_t>& hashes);

    void insert(std::uint32_t hash);
    /// What the other knows, too. Cheap where it holds few or very many.
    void absorb(KnownIds&& other);
    /// False: an id with this hash was never inserted.
    [[nodiscard]] bool may_contain(std::uint32_t hash) const;

    /// Different ids inserted, as far as may_contain can tell them apart.
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] std::size_t bytes() const;

  private:
    struct alignas(32) Block {
        std::array<std::uint32_t, 8> words{};
    };
    struct Layer {
        explicit Layer(std::size_t ids);
        [[nodiscard]] bool may_contain(std::uint64_t mixed) const;
        void insert(std::uint64_t mixed);

        std::size_t room;  ///< ids that may still be inserted
        std::vector<Block> blocks;
    };

    void become_filter(std::size_t ids);

    boost::unordered_flat_set<std::uint32_t> exact_;  ///< while there are no layers
    std::vector<Layer> layers_;
    std::size_t size_ = 0;
};

}  // namespace annals::commit
