// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "payload.hpp"

#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "annals/documents/canonical.hpp"
#include "annals/documents/document_text.hpp"
#include "annals/documents/patch.hpp"
#include "annals/documents/testing/arbitrary_value.hpp"

namespace annals::dialect_eskit {
namespace {

std::string between(std::string_view before, std::string_view after) {
    const auto patch = patch_between(before, after);
    return patch ? *patch : std::string(patch.error().message());
}

std::string applied(std::string_view document, std::string_view patch) {
    const auto text = patched(document, patch);
    return text ? *text : std::string(text.error().message());
}

TEST(EskitPayload, DifferencesAreMergePatches) {
    EXPECT_EQ(between(R"({"a":1})", R"({"a":1})"), "{}");
    EXPECT_EQ(between(R"({"a":1,"b":2})", R"({"b":3})"), R"({"a":null,"b":3})");
    EXPECT_EQ(between(R"({"o":{"x":1,"y":2}})", R"({"o":{"x":1}})"), R"({"o":{"y":null}})");
    EXPECT_EQ(between(R"({"a":[1]})", R"({"a":[1,null]})"), R"({"a":[1,null]})");
    EXPECT_EQ(between("{}", R"({"a":"<"})"), R"({"a":"\u003c"})");
}

TEST(EskitPayload, NewNullsVanish) {
    EXPECT_EQ(between("{}", R"({"a":null,"o":{"b":null,"c":1}})"), R"({"o":{"c":1}})");
    EXPECT_EQ(between(R"({"a":null})", R"({"a":null})"), "{}");
    EXPECT_EQ(between(R"({"a":1})", R"({"a":null})"), R"({"a":null})");
}

TEST(EskitPayload, OnlyObjectsHaveDifferences) {
    for (const char* const text : {"", "[]", "1", "\"a\"", "{", "null"}) {
        EXPECT_EQ(between(text, "{}"), "Invalid JSON Document") << text;
        EXPECT_EQ(between("{}", text), "Invalid JSON Document") << text;
        EXPECT_EQ(applied(text, "{}"), "Invalid JSON Document") << text;
        EXPECT_EQ(applied("{}", text), "Invalid JSON Document") << text;
    }
}

TEST(EskitPayload, WhatIsNotTouchedKeepsItsText) {
    EXPECT_EQ(
        applied(
            R"({ "z" : { "b":1.50, "a":[ 1 , 2 ] }, "n":12345678901234567890 })", R"({"a":1e2})"
        ),
        R"({"a":1e2,"n":12345678901234567890,"z":{"b":1.50,"a":[1,2]}})"
    );
    EXPECT_EQ(
        applied(R"({"o":{"y":1,"x":{"k":2,"j":1}}})", R"({"o":{"y":null,"n":{"q":null}}})"),
        R"({"o":{"n":{},"x":{"k":2,"j":1}}})"
    );
    EXPECT_EQ(applied(R"({"a":"x\"<\\"})", "{}"), R"({"a":"x\"\u003c\\"})");
    EXPECT_EQ(applied("{\"a\":\"\xE2\x80\xA8 ü\"}", "{}"), R"({"a":"\u2028 ü"})");
    EXPECT_EQ(applied(R"({"é":1})", R"({"\u00e9":2})"), R"({"é":2})");
}

RC_GTEST_PROP(EskitPayload, AppliesAsTheEntityStoreDoes, ()) {
    const auto document = documents::testing::arbitrary_object(4);
    const auto patch = documents::testing::arbitrary_object(4);
    const auto text = patched(documents::to_text(document), documents::to_text(patch));
    RC_ASSERT(text.has_value());
    const auto read = documents::parse_document(*text);
    RC_ASSERT(read.has_value());
    const auto expected = documents::apply({documents::PatchFormat::kMerge, patch}, document);
    RC_ASSERT(documents::canonical(*read) == documents::canonical(*expected));
}

}  // namespace
}  // namespace annals::dialect_eskit
