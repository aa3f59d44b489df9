// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "position_set.hpp"

#include <cstdint>
#include <set>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace annals::load_kit {
namespace {

RC_GTEST_PROP(PositionSet, IsASetOfPositions, ()) {
    const auto drawn = *rc::gen::container<std::vector<std::uint64_t>>(
        rc::gen::inRange<std::uint64_t>(0, 300)
    );
    const auto others = *rc::gen::container<std::vector<std::uint64_t>>(
        rc::gen::inRange<std::uint64_t>(100, 300)
    );
    constexpr std::uint64_t kFirst = 100;
    PositionSet set{Position(kFirst)};
    PositionSet other{Position(kFirst)};
    std::set<std::uint64_t> wanted;
    std::set<std::uint64_t> wanted_other;
    for (const std::uint64_t value : drawn) {
        const bool is_new = value >= kFirst && wanted.insert(value).second;
        RC_ASSERT(set.add(Position(value)) == is_new);
    }
    for (const std::uint64_t value : others) {
        other.add(Position(value));
        wanted_other.insert(value);
    }
    RC_ASSERT(set.count() == wanted.size());
    RC_ASSERT(
        set.contains_all(other) ==
        std::includes(wanted.begin(), wanted.end(), wanted_other.begin(), wanted_other.end())
    );
    RC_ASSERT((set == other) == (wanted == wanted_other));
}

TEST(PositionSet, TakesNoPositionThatNoRunCanReach) {
    PositionSet set{Position(1)};
    EXPECT_FALSE(set.add(Position(UINT64_MAX)));
    EXPECT_EQ(set.count(), 0U);
}

}  // namespace
}  // namespace annals::load_kit
