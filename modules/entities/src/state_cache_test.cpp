// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "state_cache.hpp"

#include <cstdint>
#include <list>
#include <memory>
#include <random>
#include <string>
#include <unordered_map>

#include <gtest/gtest.h>

namespace annals::entities {
namespace {

std::shared_ptr<const State> state_of(std::uint64_t revision, std::size_t bytes = 10) {
    State state;
    state.has_document = true;
    state.revision = Revision(revision);
    state.document = documents::Value(std::string(bytes, 'a'));
    return std::make_shared<const State>(std::move(state));
}

TEST(StateCache, HoldsTheNewestOfEachStreamOfEachNamespace) {
    StateCache cache;
    EXPECT_EQ(cache.find("a", "s"), nullptr);
    cache.put("a", "s", state_of(1));
    cache.put("a", "s", state_of(2));
    cache.put("b", "s", state_of(3));
    EXPECT_EQ(cache.find("a", "s")->revision, Revision(2));
    EXPECT_EQ(cache.find("b", "s")->revision, Revision(3));
    EXPECT_EQ(cache.find("a", "t"), nullptr);
    EXPECT_EQ(cache.counts().hits, 2u);
    EXPECT_EQ(cache.counts().misses, 2u);
}

TEST(StateCache, LetsTheLeastRecentlyUsedGo) {
    StateCache cache;
    for (std::size_t i = 0; i < StateCache::kEntriesMax; ++i) {
        cache.put("a", std::to_string(i), state_of(i));
    }
    EXPECT_NE(cache.find("a", "0"), nullptr);
    cache.put("a", "new", state_of(0));
    EXPECT_NE(cache.find("a", "0"), nullptr);
    EXPECT_EQ(cache.find("a", "1"), nullptr);
}

/// Against a list, in whatever order.
TEST(StateCache, LetsGoInTheOrderOfUse) {
    constexpr std::size_t kKeys = StateCache::kEntriesMax + 50;
    StateCache cache;
    std::list<std::size_t> by_use;  // the newest in front
    std::unordered_map<std::size_t, std::list<std::size_t>::iterator> places;
    std::mt19937 random(7);
    for (int i = 0; i < 60'000; ++i) {
        const std::size_t key = random() % kKeys;
        const std::string name = std::to_string(key);
        const auto known = places.find(key);
        const bool is_put = random() % 4 != 0;
        if (is_put) {
            cache.put("a", name, state_of(key));
        } else {
            const auto found = cache.find("a", name);
            ASSERT_EQ(found != nullptr, known != places.end()) << i;
            if (!found) continue;
            ASSERT_EQ(found->revision, Revision(key));
        }
        if (known != places.end()) by_use.erase(known->second);
        by_use.push_front(key);
        places[key] = by_use.begin();
        if (by_use.size() > StateCache::kEntriesMax) {
            places.erase(by_use.back());
            by_use.pop_back();
        }
    }
    EXPECT_EQ(by_use.size(), StateCache::kEntriesMax);
}

TEST(StateCache, HoldsNoMoreBytesThanAllowed) {
    StateCache cache;
    const std::size_t size = StateCache::kDocumentBytesMax - 1'000;
    const std::size_t fitting = StateCache::kBytesMax / size;
    for (std::size_t i = 0; i < 2 * fitting; ++i) {
        cache.put("a", std::to_string(i), state_of(i, size));
    }
    EXPECT_EQ(cache.find("a", "0"), nullptr);
    EXPECT_NE(cache.find("a", std::to_string(2 * fitting - 1)), nullptr);
    std::size_t held = 0;
    for (std::size_t i = 0; i < 2 * fitting; ++i)
        held += cache.find("a", std::to_string(i)) ? 1 : 0;
    EXPECT_LE(held, fitting);
}

TEST(StateCache, DoesNotKeepWhatIsTooLargeNorWhatWasThereBefore) {
    StateCache cache;
    cache.put("a", "s", state_of(1));
    cache.put("a", "s", state_of(2, StateCache::kDocumentBytesMax + 1));
    EXPECT_EQ(cache.find("a", "s"), nullptr);
}

}  // namespace
}  // namespace annals::entities
