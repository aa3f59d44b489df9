// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "request_guard.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace annals::http_door::detail {
namespace {

TEST(RequestOrigin, IsTheServersOwnOrOneThatIsAllowed) {
    const std::vector<std::string> allowed{"https://shop.example"};
    EXPECT_TRUE(is_allowed_origin("", "x:1", allowed)) << "no browser";
    EXPECT_TRUE(is_allowed_origin("http://x:1", "x:1", allowed));
    EXPECT_TRUE(is_allowed_origin("https://shop.example", "x:1", allowed));
    EXPECT_FALSE(is_allowed_origin("https://shop.example.evil", "x:1", allowed));
    EXPECT_FALSE(is_allowed_origin("http://x:2", "x:1", allowed));
    EXPECT_FALSE(is_allowed_origin("null", "x:1", allowed));
    EXPECT_FALSE(is_allowed_origin("http://", "", allowed));
}

}  // namespace
}  // namespace annals::http_door::detail
