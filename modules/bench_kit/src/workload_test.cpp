// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "workload.hpp"

#include <cstdint>
#include <set>

#include <gtest/gtest.h>

namespace annals::bench_kit {
namespace {

// --figure read_stream_64 --events 300k: 300,000 events did not fill a block of 50,000 streams, and
// there was nothing to read.
TEST(Workload, FillsAWholeBlockOfStreamsHoweverFewEventsAreLoaded) {
    for (const bool is_quick : {false, true}) {
        for (const std::uint64_t events : {1u, 20u, 1'000u, 99'999u, 300'000u, 1'000'000u}) {
            const std::uint64_t streams = streams_per_block(events, is_quick);
            const std::uint64_t loaded = (events + 999) / 1'000 * 1'000;  // by the thousand
            EXPECT_GE(streams, 1U);
            EXPECT_GE(loaded / (streams * kEventsPerStream), 1U) << events;
        }
    }
    EXPECT_EQ(streams_per_block(20'000'000, false), kStreamsPerBlock);
}

TEST(Workload, GivesEachStreamOfABlockItsTwentyEvents) {
    constexpr std::uint64_t kStreams = 15;
    std::multiset<std::uint64_t> met;
    for (std::uint64_t event = 0; event < 2 * kStreams * kEventsPerStream; ++event) {
        met.insert(stream_of(event, kStreams));
    }
    for (std::uint64_t stream = 0; stream < 2 * kStreams; ++stream) {
        EXPECT_EQ(met.count(stream), kEventsPerStream);
    }
}

}  // namespace
}  // namespace annals::bench_kit
