// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/commit/known_ids.hpp"

#include <random>

#include <gtest/gtest.h>

namespace annals::commit {
namespace {

std::vector<std::uint32_t> some_hashes(std::size_t count, std::uint32_t seed) {
    std::mt19937 random(seed);
    std::vector<std::uint32_t> hashes(count);
    for (std::uint32_t& hash : hashes) hash = static_cast<std::uint32_t>(random());
    return hashes;
}

double share_taken_for_known(const KnownIds& ids, std::uint32_t seed) {
    constexpr std::size_t kAsked = 20'000;
    std::size_t known = 0;
    for (const std::uint32_t hash : some_hashes(kAsked, seed)) known += ids.may_contain(hash);
    return static_cast<double>(known) / static_cast<double>(kAsked);
}

TEST(KnownIds, FewAreExact) {
    KnownIds ids;
    for (std::uint32_t hash = 0; hash < 1'000; ++hash) ids.insert(hash * 2);
    for (std::uint32_t hash = 0; hash < 1'000; ++hash) {
        EXPECT_TRUE(ids.may_contain(hash * 2));
        EXPECT_FALSE(ids.may_contain(hash * 2 + 1));
    }
    ids.insert(0);
    EXPECT_EQ(ids.size(), 1'000u);
}

TEST(KnownIds, NoneThatWasInsertedIsEverNewHoweverMany) {
    KnownIds ids;
    const std::vector<std::uint32_t> hashes = some_hashes(400'000, 1);
    for (std::size_t i = 0; i < hashes.size(); ++i) {
        ids.insert(hashes[i]);
        ASSERT_TRUE(ids.may_contain(hashes[i / 2]));
    }
    for (const std::uint32_t hash : hashes) ASSERT_TRUE(ids.may_contain(hash));
    EXPECT_GT(ids.size(), 390'000u);
}

TEST(KnownIds, FewNewOnesOfAManyAreTakenForKnown) {
    KnownIds grown;
    const std::vector<std::uint32_t> hashes = some_hashes(1'500'000, 2);
    for (const std::uint32_t hash : hashes) grown.insert(hash);
    const KnownIds loaded(hashes);
    EXPECT_LT(share_taken_for_known(grown, 3), 0.01);
    EXPECT_LT(share_taken_for_known(loaded, 4), 0.01);
    // Not because everything is new to it.
    for (std::size_t i = 0; i < hashes.size(); i += 97) ASSERT_TRUE(loaded.may_contain(hashes[i]));
}

TEST(KnownIds, AbsorbWhatAnotherKnows) {
    for (const std::size_t mine : {100u, 100'000u}) {
        for (const std::size_t others : {100u, 100'000u}) {
            const std::vector<std::uint32_t> first = some_hashes(mine, 7);
            const std::vector<std::uint32_t> second = some_hashes(others, 8);
            KnownIds ids(first);
            ids.absorb(KnownIds(second));
            for (const std::uint32_t hash : first) ASSERT_TRUE(ids.may_contain(hash));
            for (const std::uint32_t hash : second) ASSERT_TRUE(ids.may_contain(hash));
            EXPECT_NEAR(static_cast<double>(ids.size()), static_cast<double>(mine + others), 300);
            EXPECT_LT(share_taken_for_known(ids, 9), 0.01);
            const std::size_t before = ids.size();
            for (const std::uint32_t hash : some_hashes(1'000, 10)) ids.insert(hash);
            EXPECT_GT(ids.size(), before + 900);
        }
    }
}

TEST(KnownIds, CostTwoBytesEachWhenThereAreManyAndRoomForTwiceAsMany) {
    KnownIds ids;
    EXPECT_EQ(ids.bytes(), 0u);
    for (const std::uint32_t hash : some_hashes(1'000'000, 5)) ids.insert(hash);
    EXPECT_GE(ids.bytes(), ids.size() * 2);
    EXPECT_LE(ids.bytes(), ids.size() * 2 * 3);
    const KnownIds loaded(some_hashes(100'000, 6));
    EXPECT_LE(loaded.bytes(), 400'000u);
}

}  // namespace
}  // namespace annals::commit
