// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "key_choice.hpp"

#include <cmath>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace annals::load_kit {
namespace {

constexpr std::uint64_t kDraws = 200'000;

/// How often each rank came.
std::vector<double> shares_of(const Zipf& zipf, std::uint64_t seed) {
    std::vector<double> shares(zipf.count());
    Dice dice(seed);
    for (std::uint64_t i = 0; i < kDraws; ++i) shares[zipf.draw(dice)] += 1.0 / kDraws;
    return shares;
}

TEST(Zipf, DrawsEachRankAsOftenAsItsLawSays) {
    for (const double skew : {0.3, 0.99, 1.0, 1.01, 2.5}) {
        for (const std::uint64_t count : {1u, 2u, 10u, 1'000u}) {
            const std::vector<double> shares = shares_of(Zipf(count, skew), 7);
            double sum = 0;
            for (std::uint64_t k = 1; k <= count; ++k) {
                sum += std::pow(static_cast<double>(k), -skew);
            }
            double chi = 0;
            for (std::uint64_t k = 1; k <= count; ++k) {
                const double wanted = std::pow(static_cast<double>(k), -skew) / sum;
                const double apart = shares[k - 1] - wanted;
                chi += apart * apart / wanted * kDraws;
            }
            // Mean count - 1, deviation sqrt(2 (count - 1)); five deviations are never met by luck.
            const auto freedom = static_cast<double>(count - 1);
            EXPECT_LE(chi, freedom + 5 * std::sqrt(2 * freedom) + 1e-6) << skew << " " << count;
        }
    }
}

TEST(Zipf, NeverLeavesItsRanks) {
    Dice dice(3);
    for (const double skew : {0.01, 1.0, 10.0}) {
        const Zipf zipf(10'000'000, skew);
        for (int i = 0; i < 10'000; ++i) ASSERT_LT(zipf.draw(dice), 10'000'000U);
    }
}

TEST(KeyChoice, TakesSequentialKeysOneAfterTheOther) {
    const KeySpace space("order", 3);
    const Keys keys{.distribution = KeyDistribution::kSequential, .count = 3};
    KeyChoice choice(keys, space, 1);
    EXPECT_EQ(choice.any(0), 0U);
    EXPECT_EQ(choice.any(1), 1U);
    EXPECT_EQ(choice.any(5), 2U);
}

TEST(KeyChoice, FindsNothingStoredInAnEmptySpace) {
    const KeySpace space("order", 10);
    for (const auto distribution :
         {KeyDistribution::kUniform,
          KeyDistribution::kZipf,
          KeyDistribution::kLatest,
          KeyDistribution::kSequential}) {
        const Keys keys{.distribution = distribution, .count = 10};
        KeyChoice choice(keys, space, 1);
        EXPECT_EQ(choice.stored(0), std::nullopt);
        EXPECT_LT(choice.any(0), 10U);
    }
}

RC_GTEST_PROP(KeyChoice, FindsOnlyWhatIsStoredAndMakesTheSameChoicesAgain, ()) {
    const auto count = *rc::gen::inRange<std::uint64_t>(1, 500);
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    const Keys keys{
        .distribution = *rc::gen::element(
            KeyDistribution::kUniform,
            KeyDistribution::kZipf,
            KeyDistribution::kLatest,
            KeyDistribution::kSequential
        ),
        .count = count,
        .skew = *rc::gen::element(0.5, 1.0, 3.0)
    };
    KeySpace space("order", count);
    const auto stored = *rc::gen::container<std::vector<std::uint64_t>>(
        rc::gen::inRange<std::uint64_t>(0, count)
    );
    for (const std::uint64_t key : stored) space.note(key, 0);
    KeyChoice choice(keys, space, seed);
    KeyChoice again(keys, space, seed);
    for (std::uint64_t turn = 0; turn < 50; ++turn) {
        const auto key = choice.stored(turn);
        RC_ASSERT(key == again.stored(turn));
        RC_ASSERT(key.has_value() == !stored.empty());
        if (key) RC_ASSERT(space.revision(*key) == std::optional<std::uint64_t>(0));
        const std::uint64_t any = choice.any(turn);
        RC_ASSERT(any == again.any(turn));
        RC_ASSERT(any < count);
    }
}

TEST(KeyChoice, PrefersTheNewestOfTheLatest) {
    constexpr std::uint64_t kCount = 1'000;
    KeySpace space("order", kCount);
    for (std::uint64_t key = 0; key < kCount; ++key) space.note(key, 0);
    const Keys keys{.distribution = KeyDistribution::kLatest, .count = kCount, .skew = 1};
    KeyChoice choice(keys, space, 5);
    int newest = 0;
    int oldest = 0;
    for (int i = 0; i < 10'000; ++i) {
        const std::uint64_t key = choice.stored(0).value();
        newest += key >= kCount - 10 ? 1 : 0;
        oldest += key < 10 ? 1 : 0;
    }
    // 1 + 1/2 + … + 1/10 of 7.485: 39 %, against 0.13 %.
    EXPECT_NEAR(newest, 3'913, 200);
    EXPECT_LT(oldest, 40);
}

TEST(KeySpace, KnowsTheNewestRevisionWhoeverIsLate) {
    KeySpace space("order_t", 5);
    EXPECT_EQ(space.revision(3), std::nullopt);
    space.note(3, 7);
    space.note(3, 4);
    EXPECT_EQ(space.revision(3), std::optional<std::uint64_t>(7));
    EXPECT_EQ(space.known(), 1U);
    EXPECT_EQ(space.known_at(0), 3U);
}

TEST(KeySpace, KnowsItsOwnStreamsByName) {
    const KeySpace space("order_t", 50);
    EXPECT_EQ(space.stream(42), "order_t-00000042");
    EXPECT_EQ(space.key_of("order_t-00000042"), std::optional<std::uint64_t>(42));
    for (const char* const other :
         {"order_t", "order_t-", "order_t-x", "order_t-00000042x", "order_t-00000050", "order-1"}) {
        EXPECT_EQ(space.key_of(other), std::nullopt) << other;
    }
}

TEST(KeySpace, GivesEachKeyOnceBeforeItBeginsAgain) {
    KeySpace space("document", 3);
    std::vector<std::uint64_t> claimed;
    claimed.reserve(4);
    for (int i = 0; i < 4; ++i) claimed.push_back(space.claim());
    EXPECT_EQ(claimed, (std::vector<std::uint64_t>{0, 1, 2, 0}));
}

}  // namespace
}  // namespace annals::load_kit
