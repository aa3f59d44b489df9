// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/codec/checksum.hpp"

#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "annals/codec/text.hpp"

namespace annals::codec {
namespace {

TEST(Crc32c, GivesTheCheckValueOfRfc3720) {
    EXPECT_EQ(crc32c("123456789"), 0xE3069283u);
    EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAu);
    EXPECT_EQ(crc32c(""), 0u);
}

RC_GTEST_PROP(Crc32cProperty, GoesOnWhereItStopped, (const std::string& a, const std::string& b)) {
    RC_ASSERT(crc32c_extend(crc32c(a), b) == crc32c(a + b));
}

TEST(Sha256, GivesTheValueOfFips180) {
    const Sha256 digest = sha256("abc");
    EXPECT_EQ(
        hex({reinterpret_cast<const char*>(digest.data()), digest.size()}),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
    EXPECT_EQ(sha256_pair("a", "bc"), digest);
}

TEST(Hash64, IsXxh3AsItLiesOnDisk) { EXPECT_EQ(hash64(""), 0x2D06800538D394C2u); }

}  // namespace
}  // namespace annals::codec
