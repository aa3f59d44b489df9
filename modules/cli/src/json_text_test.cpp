// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "json_text.hpp"

#include <gtest/gtest.h>

namespace annals::cli {
namespace {

TEST(JsonText, WhatWasParsedIsWrittenWithEveryDigit) {
    for (const char* text : {
             R"({"price":1.20,"of":[1,-2,1e40,123456789012345678901234567890,0.10]})",
             R"([{"a":null,"b":true},{},[],"zo\u0001",18446744073709551615,-9223372036854775808])",
             "1.50",
             R"("text")",
             "null",
         }) {
        const auto parsed = parse_exact(text);
        ASSERT_TRUE(parsed) << text;
        EXPECT_EQ(json_text(*parsed), text);
    }
}

TEST(JsonText, OfAMemberThatComesTwiceTheLastCounts) {
    EXPECT_EQ(json_text(*parse_exact(R"({"a":1.0,"b":2,"a":3.0})")), R"({"a":3.0,"b":2})");
}

TEST(JsonText, WhatIsNoJsonIsNothing) {
    for (const char* text : {"", "{", "{\"a\":}", "1 2", "[1,]", "nul", "\"a"}) {
        EXPECT_FALSE(parse_exact(text)) << text;
    }
}

}  // namespace
}  // namespace annals::cli
