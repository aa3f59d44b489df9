// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "samples/target.hpp"

#include <gtest/gtest.h>

namespace samples {
namespace {

TEST(Target, DecodesPathAndQuery) {
    const auto target = parse_target("/v1/us%65rs+?id=a%2Fb+c&&flag&e=%C3%BC#part");
    ASSERT_TRUE(target);
    EXPECT_EQ(target->path, "/v1/users+");
    EXPECT_EQ(target->query.size(), 3u);
    EXPECT_EQ(target->query.at("id"), "a/b c");
    EXPECT_EQ(target->query.at("flag"), "");
    EXPECT_EQ(target->query.at("e"), "ü");
}

TEST(Target, RefusesWhatCannotBeRead) {
    for (const char* text : {"", "v1", "*", "/%", "/%4", "/%zz", "/%+1", "/a?b=%00", "/?a=1&a=2"}) {
        EXPECT_FALSE(parse_target(text)) << text;
    }
}

}  // namespace
}  // namespace samples
