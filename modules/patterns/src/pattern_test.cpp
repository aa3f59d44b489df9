// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/patterns/pattern.hpp"

#include <string>

#include <gtest/gtest.h>

namespace annals::patterns {
namespace {

Pattern must(std::string_view text) { return Pattern::compile(text, "match").value(); }

TEST(Pattern, MatchesWhatContainsIt) {
    EXPECT_TRUE(must("rder").matches("order-1").value());
    EXPECT_FALSE(must("^rder").matches("order-1").value());
    EXPECT_TRUE(must("^order-[0-9]+$").matches("order-17").value());
    EXPECT_TRUE(must("(?i)ORDER").matches("order-1").value());
    EXPECT_TRUE(must("^gr.ße$").matches("grüße").value()) << "one sign is one sign";
    EXPECT_TRUE(must("").matches("").value());
    EXPECT_FALSE(must(".").matches("\xFF").value()) << "no UTF-8";
}

TEST(Pattern, SaysWhyItIsNone) {
    for (const char* bad : {"(", "[a", "*", "(?<x", "\\C", "\xFF"}) {
        const Result<Pattern> pattern = Pattern::compile(bad, "match");
        ASSERT_FALSE(pattern) << bad;
        EXPECT_EQ(pattern.error().code(), ErrorCode::kInvalidArgument);
        EXPECT_EQ(pattern.error().field("field"), "match");
        EXPECT_FALSE(pattern.error().field("reason").empty());
    }
    const auto code_of = [](const std::string& text) {
        const Result<Pattern> pattern = Pattern::compile(text, "match");
        return pattern ? ErrorCode::kInternal : pattern.error().code();
    };
    EXPECT_EQ(code_of(std::string(2'000, 'a')), ErrorCode::kLimitExceeded);
    EXPECT_EQ(code_of("((((a{60}){60}){60}){60})"), ErrorCode::kInvalidArgument) << "too large";
}

TEST(Pattern, APathologicalOneIsAnErrorAndNoStall) {
    const std::string text = std::string(200, 'a') + "!";
    for (const char* slow :
         {"^(a+)+$", "^(a|aa)+$", "^(\\w+\\s?)*$", "^(([a-z])+.)+[A-Z]([a-z])+$"}) {
        const Result<bool> matched = must(slow).matches(text);
        ASSERT_FALSE(matched) << slow;
        EXPECT_EQ(matched.error().code(), ErrorCode::kInvalidArgument);
        EXPECT_EQ(matched.error().field("field"), "match");
        EXPECT_EQ(matched.error().field("value"), slow);
    }
    EXPECT_FALSE(must("(?R)?a(?R)?b").matches(text).value_or(false)) << "recursion ends, too";
}

TEST(Pattern, OfEcmaScriptHasItsWords) {
    const auto matches = [](std::string_view pattern, std::string_view text, Dialect dialect) {
        const auto compiled = Pattern::compile(pattern, "pattern", dialect);
        EXPECT_TRUE(compiled) << pattern;
        return compiled && compiled->matches(text).value();
    };
    EXPECT_TRUE(matches("a$", "a\n", Dialect::kPcre));
    EXPECT_FALSE(matches("a$", "a\n", Dialect::kEcmaScript)) << "$ is the very end";
    EXPECT_TRUE(matches(R"(^\u00e4$)", "\xC3\xA4", Dialect::kEcmaScript));
    EXPECT_TRUE(matches(R"(^\u{1F600}$)", "\xF0\x9F\x98\x80", Dialect::kEcmaScript));
    EXPECT_TRUE(matches("^[^]$", "\n", Dialect::kEcmaScript)) << "any character";
    EXPECT_TRUE(matches(R"(^(a)?b\1$)", "b", Dialect::kEcmaScript)) << "of no part: nothing";
}

}  // namespace
}  // namespace annals::patterns
