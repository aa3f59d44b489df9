// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/entities/field_filter.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "annals/documents/document_text.hpp"

namespace annals::entities {
namespace {

bool is_met(std::string_view filter, std::string_view document) {
    const auto parsed = parse_filter(filter);
    EXPECT_TRUE(parsed) << filter;
    return parsed && matches(*parsed, documents::parse_document(document).value());
}

TEST(FieldFilter, ComparesAsItIsWritten) {
    const std::string document = R"({"n":10,"s":"pencil","z":null,"a":{"b":[1,"x"]},"t":"10"})";
    for (const char* met :
         {"n=10",
          "n=10.0",
          "n!=11",
          "n<11",
          "n<=10",
          "n>9.5",
          "n>=10",
          "s=pencil",
          "s^=pen",
          "s=\"pencil\"",
          "s>pen",
          "z=null",
          "z?",
          "/a/b/0=1",
          "/a/b=[1,\"x\"]",
          "none!=1",
          "t=\"10\"",
          "s!=10",
          "n!=\"10\""}) {
        EXPECT_TRUE(is_met(met, document)) << met;
    }
    for (const char* unmet :
         {"n=11",
          "n<10",
          "n>10",
          "s=pen",
          "s^=cil",
          "none=1",
          "none?",
          "none<1",
          "/a/b/2=1",
          "t=10",
          "n>a",
          "z<1",
          "s<=10",
          "a>1"}) {
        EXPECT_FALSE(is_met(unmet, document)) << unmet;
    }
}

TEST(FieldFilter, RefusesWhatSaysNothing) {
    for (const char* text : {"", "=1", "?", "name", "a!b", "a^b", "/~2=1"}) {
        const auto parsed = parse_filter(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().code(), ErrorCode::kInvalidArgument);
        EXPECT_EQ(parsed.error().field("field"), "where");
    }
}

}  // namespace
}  // namespace annals::entities
