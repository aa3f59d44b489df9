// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/codec/text.hpp"

#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace annals::codec {
namespace {

RC_GTEST_PROP(Base64UrlProperty, EveryTextComesBack, (const std::string& bytes)) {
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

RC_GTEST_PROP(Base64Property, EveryTextComesBack, (const std::string& bytes)) {
    const std::string text = base64(bytes);
    RC_ASSERT(text.size() % 4 == 0u);
    const std::optional<std::string> back = parse_base64(text);
    RC_ASSERT(back.has_value());
    RC_ASSERT(*back == bytes);
}

TEST(Base64, GivesTheVectorsOfRfc4648AndRefusesOthers) {
    EXPECT_EQ(base64("fooba"), "Zm9vYmE=");
    EXPECT_EQ(base64("foob"), "Zm9vYg==");
    EXPECT_EQ(base64("\xFB\xFF"), "+/8=");
    for (const char* bad : {"Zm9vYmE", "-_8=", "Zh==", "=", "====", "Zm9v====", "Zm=v"}) {
        EXPECT_FALSE(parse_base64(bad)) << bad;
    }
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

TEST(PrintableAscii, IsWhatHasNeitherControlCharactersNorOtherLetters) {
    for (const char* good : {"", "a", "order-1234567", "12345678", " ~!{}", "123456789 ~"}) {
        EXPECT_TRUE(is_printable_ascii(good)) << good;
    }
    for (int byte = 0; byte < 256; ++byte) {
        const bool is_good = byte >= 0x20 && byte < 0x7F;
        for (std::size_t size = 1; size < 20; ++size) {
            for (std::size_t at = 0; at < size; ++at) {
                std::string text(size, 'x');
                text[at] = static_cast<char>(byte);
                ASSERT_EQ(is_printable_ascii(text), is_good)
                    << byte << " at " << at << " of " << size;
                if (byte < 0x80) {
                    ASSERT_EQ(has_control_character(text), !is_good) << byte << " at " << at;
                    ASSERT_TRUE(is_utf8(text));
                }
                if (byte >= 0x80) {
                    ASSERT_FALSE(is_utf8(text)) << byte << " at " << at;
                }
            }
        }
    }
}

TEST(BeginningOf, EndsBetweenCharacters) {
    EXPECT_EQ(beginning_of("abc", 5), "abc");
    EXPECT_EQ(beginning_of("abc", 2), "ab");
    EXPECT_EQ(beginning_of("a\xC3\xBC", 2), "a") << "an umlaut has two bytes";
    EXPECT_EQ(beginning_of("a\xC3\xBC", 3), "a\xC3\xBC");
    EXPECT_EQ(beginning_of("\xF0\x9F\x98\x80", 3), "");
    EXPECT_EQ(beginning_of("", 0), "");
}

}  // namespace
}  // namespace annals::codec
