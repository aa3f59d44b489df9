// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "block.hpp"

#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "annals/codec/text.hpp"

#include "keys.hpp"

namespace annals::index {
namespace {

/// Rising positions out of arbitrary numbers.
std::vector<std::uint64_t> rising(const std::vector<std::uint16_t>& deltas) {
    std::vector<std::uint64_t> positions{1};
    for (const std::uint16_t delta : deltas) {
        if (positions.size() < kBlockPositionsMax)
            positions.push_back(positions.back() + 1 + delta * 37u);
    }
    return positions;
}

// The bytes of docs/formats/index.md.

TEST(IndexFormat, KeysAreAsWrittenDown) {
    std::string key;
    put_name_key(key, Family::kHead, "order-7");
    EXPECT_EQ(codec::hex(key), "686f726465722d37");
    put_block_key(key, Family::kStream, "order-7", 3);
    EXPECT_EQ(codec::hex(key), "736f726465722d37000000000000000003");
    EXPECT_EQ(block_number(key), 3u);
    EXPECT_EQ(filter_prefix(key), std::string_view("sorder-7\0", 9));
    put_id_key(key, 0xABC, 1001);
    EXPECT_EQ(codec::hex(key), "750abc00000000000003e9");
    put_name_key(key, Family::kMark, "");
    EXPECT_EQ(key, "m");
}

TEST(IndexFormat, ValuesAreAsWrittenDown) {
    std::string value;
    encode_mark(value, {Position(1004), 0x1122334455667788});
    EXPECT_EQ(codec::hex(value), "01000000ec030000000000008877665544332211");
    encode_head(value, {3, 1004, 2000, 1000});
    EXPECT_EQ(codec::hex(value), "03ec07d007000000000000e803000000000000");
    encode_head(value, {3, 1004, 2000, std::nullopt});
    EXPECT_EQ(codec::hex(value), "03ec07d007000000000000");
    encode_summary(value, {300, 2, 1004, 2000});
    EXPECT_EQ(codec::hex(value), "ac0202ec07d007000000000000");
    encode_postings(value, {1001, 1003, 1004});
    EXPECT_EQ(codec::hex(value), "03030201");
    encode_stream_block(value, {1000, {1001, 1004}, {0xAABBCCDD, 0x11223344}});
    EXPECT_EQ(codec::hex(value), "05e803000000000000ddccbbaa44332211e90703");
    encode_id_block(value, {{5, 0}, {9, 3}});
    EXPECT_EQ(codec::hex(value), "05000000090000000000000003000000");
}

RC_GTEST_PROP(IndexFormatProperty, PostingsComeBack, (const std::vector<std::uint16_t>& deltas)) {
    const auto positions = rising(deltas);
    std::string value;
    encode_postings(value, positions);
    std::vector<std::uint64_t> back;
    RC_ASSERT(decode_postings(value, positions.back(), back));
    RC_ASSERT(back == positions);
}

RC_GTEST_PROP(
    IndexFormatProperty,
    StreamBlocksComeBack,
    (const std::vector<std::uint16_t>& deltas, bool has_time)
) {
    StreamBlock block;
    block.positions = rising(deltas);
    for (const std::uint64_t position : block.positions)
        block.id_hashes.push_back(static_cast<std::uint32_t>(position * 7));
    if (has_time) block.first_time = -5;
    std::string value;
    encode_stream_block(value, block);
    const auto view = StreamBlockView::parse(value);
    RC_ASSERT(view.has_value());
    std::vector<std::uint64_t> back;
    RC_ASSERT(view->positions(back));
    RC_ASSERT(back == block.positions);
    RC_ASSERT(view->first_time() == block.first_time);
    for (std::size_t i = 0; i < view->size(); ++i)
        RC_ASSERT(view->id_hash(i) == block.id_hashes[i]);
}

RC_GTEST_PROP(
    IndexFormatProperty, DamagedValuesAreRefusedOrReadWithinThemselves, (const std::string& bytes)
) {
    std::vector<std::uint64_t> positions;
    (void)decode_postings(bytes, 1000, positions);
    if (const auto view = StreamBlockView::parse(bytes)) (void)view->positions(positions);
    (void)decode_head(bytes);
    (void)decode_summary(bytes);
    (void)decode_mark(bytes);
    (void)find_in_id_block(bytes, 1, 0, positions);
}

TEST(IndexFormat, AShortenedValueIsRefused) {
    std::string value;
    encode_postings(value, {1001, 1003, 1004});
    std::vector<std::uint64_t> positions;
    EXPECT_FALSE(decode_postings(std::string_view(value).substr(0, 3), 1004, positions));
    EXPECT_FALSE(decode_postings(value, 2, positions));
    encode_stream_block(value, {1000, {1001, 1004}, {1, 2}});
    value.pop_back();
    const auto view = StreamBlockView::parse(value);
    EXPECT_TRUE(!view || !view->positions(positions));
}

}  // namespace
}  // namespace annals::index
