// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "annals/index/index.hpp"

#include "naive_index.hpp"

namespace annals::index {

using testing::chain_at;
using testing::EventSource;
using testing::feed;
using testing::NaiveIndex;
using testing::TestEvent;
using testing::TestFolder;

inline constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
inline constexpr std::size_t kSmallBudget = 8u << 20u;

inline bool agrees(const IndexMark& mark) { return mark.chain == chain_at(mark.position); }

struct Opened {
    std::unique_ptr<Index> index;
    std::string discarded;
};

inline Opened open(const std::string& path, IndexMemory& memory, const IndexOptions& options) {
    Opened opened;
    auto index = Index::open(path, options, memory, agrees, opened.discarded);
    EXPECT_TRUE(index) << (index ? "" : index.error().to_string());
    if (index) opened.index = std::move(*index);
    return opened;
}

inline IndexOptions small_windows(std::size_t events = 16, bool is_in_memory = false) {
    IndexOptions options;
    options.window_events_max = events;
    options.is_in_memory = is_in_memory;
    return options;
}

/// Adds `count` events to both, in batches of up to `batch`.
inline void grow(
    NaiveIndex& naive, Index& index, EventSource& source, std::size_t count, std::size_t batch
) {
    while (count > 0) {
        const std::size_t n = std::min(count, 1 + source.below(batch));
        const std::size_t begin = naive.events.size();
        for (std::size_t i = 0; i < n; ++i) naive.events.push_back(source.next());
        feed(index, naive.events, begin, naive.events.size());
        count -= n;
    }
}

inline void feed_missing(const NaiveIndex& naive, Index& index) {
    feed(index, naive.events, index.position().value, naive.events.size());
}

}  // namespace annals::index
