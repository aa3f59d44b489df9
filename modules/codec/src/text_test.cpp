// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/codec/text.hpp"

#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace annals::codec {
namespace {

RC_GTEST_PROP(Base64UrlProperty, EveryTextComesBack, (std::string bytes)) {
    const std::optional<std::string> back = parse_base64url(base64url(bytes));
    RC_ASSERT(back.has_value());
    RC_ASSERT(*back == bytes);
}

TEST(Base64Url, GivesTheVectorsOfRfc4648) {
    EXPECT_EQ(base64url("foobar"), "Zm9vYmFy");
    EXPECT_EQ(base64url("fooba"), "Zm9vYmE");
    EXPECT_EQ(base64url("\xFB\xFF"), "-_8");
}

TEST(Base64Url, RefusesWhatIsNotIt) {
    EXPECT_FALSE(parse_base64url("Zm9vYmF="));
    EXPECT_FALSE(parse_base64url("A"));
    EXPECT_FALSE(parse_base64url("Zm9 vYmFy"));
    EXPECT_FALSE(parse_base64url("Zh")) << "bits that belong to no byte must be zero";
}

TEST(Utf8, TakesWellFormedText) {
    for (const char* good :
         {"", "plain", "Grüße", "漢字", "🙂", "\xEF\xBF\xBF", "\xF4\x8F\xBF\xBF"}) {
        EXPECT_TRUE(is_utf8(good)) << good;
    }
}

TEST(Utf8, RefusesOverlongFormsSurrogatesAndCutSequences) {
    for (const char* bad :
         {"\x80",
          "\xC0\xAF",
          "\xC1\xBF",
          "\xE0\x80\xAF",
          "\xED\xA0\x80",
          "\xF0\x80\x80\xAF",
          "\xF4\x90\x80\x80",
          "\xF5\x80\x80\x80",
          "\xE6\xBC",
          "12345678\xFF",
          "abc\xC3"}) {
        EXPECT_FALSE(is_utf8(bad));
    }
}

TEST(ControlCharacters, AreFoundWhereverTheyStand) {
    EXPECT_TRUE(has_control_character("a\nb"));
    EXPECT_TRUE(has_control_character(std::string_view("\0", 1)));
    EXPECT_TRUE(has_control_character("12345678\x7F"));
    EXPECT_TRUE(has_control_character("a\xC2\x85"));
    EXPECT_FALSE(
        has_control_character("a b\xC2\xA0"
                              "漢")
    );
}

}  // namespace
}  // namespace annals::codec
