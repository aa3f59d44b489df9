// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "samples/address.hpp"

#include <stdexcept>

#include <gtest/gtest.h>

namespace samples {
namespace {

TEST(Address, TakesHostsWithPorts) {
    EXPECT_EQ(parse_address("localhost:0").host, "localhost");
    EXPECT_EQ(parse_address("127.0.0.1:65535").port, 65'535);
    EXPECT_EQ(parse_address("[::1]:80").host, "::1");
    EXPECT_EQ(parse_address("[::1]:80").to_string(), "[::1]:80");
    EXPECT_EQ(parse_address(":80").to_string(), "0.0.0.0:80");
}

TEST(Address, RefusesAnythingElse) {
    for (const char* text : {"", "host", "host:", "host:65536", "host:-1", "host:8x", "::1:80"}) {
        EXPECT_THROW((void)parse_address(text), std::invalid_argument) << text;
    }
}

}  // namespace
}  // namespace samples
