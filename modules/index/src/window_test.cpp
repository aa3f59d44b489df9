// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "window.hpp"

#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "annals/codec/checksum.hpp"

namespace annals::index {
namespace {

RC_GTEST_PROP(
    PostingListProperty,
    ReadsBackAndFindsLikeAVector,
    (const std::vector<std::uint8_t>& deltas, std::uint32_t probe)
) {
    Arena arena;
    PostingList list;
    std::vector<std::uint32_t> expected;
    std::uint32_t offset = 0;
    for (const std::uint8_t delta : deltas) {
        offset += 1u + delta;
        list.append(offset, arena);
        expected.push_back(offset);
        RC_ASSERT(list.back() == offset);
    }
    const std::uint32_t last = probe % (offset + 2);
    std::erase_if(expected, [&](std::uint32_t one) { return one > last; });
    const PostingReader reader(list, last);
    RC_ASSERT(reader.size() == expected.size());
    for (std::uint32_t i = 0; i < reader.size(); ++i) RC_ASSERT(reader[i] == expected[i]);
    const std::uint32_t sought = (probe / 7) % (offset + 2);
    const auto found = std::lower_bound(expected.begin(), expected.end(), sought);
    RC_ASSERT(reader.lower_bound(sought) == static_cast<std::uint32_t>(found - expected.begin()));
}

TEST(Window, NamesWithTheSameHashAreToldApart) {
    Window window(1, 0);
    std::vector<IndexedEvent> events(3);
    const std::array<std::string_view, 3> streams{"a-1", "b-2", "c-3"};
    for (std::size_t i = 0; i < 3; ++i) {
        events[i].position = Position(1 + i);
        events[i].stream = {streams[i], 42};
    }
    window.add(events);
    window.publish(0);
    for (std::size_t i = 0; i < 3; ++i) {
        const TermEntry* entry = window.find(TermKind::kStream, streams[i], 42);
        ASSERT_NE(entry, nullptr);
        EXPECT_EQ(entry->text(), streams[i]);
        EXPECT_EQ(window.postings(*entry, window.end())[0], i);
    }
    EXPECT_EQ(window.find(TermKind::kStream, "d-4", 42), nullptr);
    EXPECT_EQ(window.find(TermKind::kType, "a-1", 42), nullptr);
}

TEST(Window, SortedNamesFollowWhatIsAdded) {
    Window window(1, 0);
    std::vector<std::string> expected;
    for (std::uint64_t n = 1; n <= 2000; ++n) {
        const std::string name = "stream-" + std::to_string(n * 7919 % 10'007);
        IndexedEvent event;
        event.position = Position(n);
        event.stream = {name, codec::hash64(name)};
        window.add({&event, 1});
        window.publish(0);
        expected.push_back(name);
        if (n % 300 != 0) continue;
        std::sort(expected.begin(), expected.end());
        const auto sorted = window.sorted(TermKind::kStream);
        ASSERT_EQ(sorted->size(), expected.size());
        for (std::size_t i = 0; i < expected.size(); ++i)
            ASSERT_EQ((*sorted)[i]->text(), expected[i]);
    }
}

}  // namespace
}  // namespace annals::index
