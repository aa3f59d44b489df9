// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/codec/wire.hpp"

#include <limits>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace annals::codec {
namespace {

RC_GTEST_PROP(WireProperty, EveryVarintComesBack, (std::uint64_t number)) {
    std::string bytes;
    append_varint(bytes, number);
    RC_ASSERT(bytes.size() == varint_size(number));
    std::string_view input(bytes);
    std::uint64_t back = 0;
    RC_ASSERT(take_varint(input, back));
    RC_ASSERT(back == number);
    RC_ASSERT(input.empty());
}

RC_GTEST_PROP(WireProperty, EverySignedNumberComesBackFromZigzag, (std::int64_t number)) {
    RC_ASSERT(unzigzag(zigzag(number)) == number);
}

RC_GTEST_PROP(WireProperty, BigEndianSortsAsNumbersDo, (std::uint64_t a, std::uint64_t b)) {
    std::string left;
    std::string right;
    append_big_endian(left, a);
    append_big_endian(right, b);
    RC_ASSERT((left < right) == (a < b));
    RC_ASSERT(load_big_endian(left.data()) == a);
}

RC_GTEST_PROP(WireProperty, ArbitraryBytesAreReadToTheirEndOrRefused, (std::string bytes)) {
    FieldReader reader(bytes);
    std::size_t seen = 0;
    while (reader.next()) {
        seen += reader.bytes().size();
        if (!reader.bytes().empty()) {
            RC_ASSERT(reader.bytes().data() >= bytes.data());
            RC_ASSERT(reader.bytes().data() + reader.bytes().size() <= bytes.data() + bytes.size());
        }
    }
    RC_ASSERT(seen <= bytes.size());
}

RC_GTEST_PROP(
    WireProperty,
    WrittenFieldsComeBack,
    (std::uint64_t number, const std::string& text, std::uint32_t word)
) {
    std::string bytes;
    FieldWriter writer(bytes);
    writer.varint(1, number);
    writer.bytes(2, text);
    writer.fixed64(300, number);
    writer.fixed32(4, word);
    FieldReader reader(bytes);
    RC_ASSERT(reader.next() && reader.field() == 1 && reader.number() == number);
    RC_ASSERT(reader.next() && reader.field() == 2 && reader.bytes() == text);
    RC_ASSERT(reader.next() && reader.field() == 300 && reader.number() == number);
    RC_ASSERT(reader.next() && reader.field() == 4 && reader.number() == word);
    RC_ASSERT(!reader.next() && reader.ok());
}

TEST(FieldReader, RefusesAVarintThatDoesNotEnd) {
    const std::string bytes(11, '\xFF');
    FieldReader reader(bytes);
    EXPECT_FALSE(reader.next());
    EXPECT_FALSE(reader.ok());
}

TEST(FieldReader, RefusesALengthBeyondTheInput) {
    std::string bytes;
    append_varint(bytes, (1u << 3u) | 2u);
    append_varint(bytes, std::numeric_limits<std::uint64_t>::max());
    bytes += "abc";
    FieldReader reader(bytes);
    EXPECT_FALSE(reader.next());
    EXPECT_FALSE(reader.ok());
}

TEST(FieldReader, RefusesFieldZeroAndGroups) {
    for (const char* bad : {"\x02", "\x0B", "\x0C", "\x0F"}) {
        FieldReader reader{std::string_view(bad)};
        EXPECT_FALSE(reader.next());
        EXPECT_FALSE(reader.ok());
    }
}

}  // namespace
}  // namespace annals::codec
