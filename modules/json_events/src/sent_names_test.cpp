// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/json_events/sent_names.hpp"

#include <gtest/gtest.h>

namespace annals::json_events {
namespace {

TEST(SentNames, AMemberIsThereWhereTheContentHasIt) {
    EXPECT_TRUE(has_member(R"({"from":1})", "from"));
    EXPECT_TRUE(has_member(R"({"filter":{"match":"a"}})", "filter.match"));
    EXPECT_TRUE(has_member(R"({"from":null})", "from"));
    for (const char* const json :
         {"", "{", "[]", "7", R"({"to":"from"})", R"({"filter":7})", R"({"filter":{}})"}) {
        EXPECT_FALSE(has_member(json, "from")) << json;
        EXPECT_FALSE(has_member(json, "filter.match")) << json;
    }
}

}  // namespace
}  // namespace annals::json_events
