// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/documents/document_text.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "annals/documents/canonical.hpp"
#include "annals/documents/pointer.hpp"
#include "annals/documents/testing/arbitrary_value.hpp"

namespace annals::documents {
namespace {

std::string canonical_of(std::string_view text) {
    const auto value = parse_document(text);
    EXPECT_TRUE(value) << text;
    return value ? canonical(*value) : "";
}

TEST(DocumentText, KeepsEveryDigit) {
    const std::string text = R"({"a":12345678901234567890123,"b":0.10,"c":[1E5,-7]})";
    const auto value = parse_document(text);
    ASSERT_TRUE(value);
    EXPECT_EQ(to_text(*value), text);
}

TEST(DocumentText, RefusesWhatIsNoJsonAndSaysWhere) {
    for (const char* text :
         {"", "{", "{\"a\":}", "[1,]", "nul", "01", "\"\xFF\"", "\"\\ud800\"", "{} {}", "1e400"}) {
        const auto value = parse_document(text, "payload");
        ASSERT_FALSE(value) << text;
        EXPECT_EQ(value.error().code(), ErrorCode::kInvalidArgument) << text;
        EXPECT_EQ(value.error().field("field"), "payload");
    }
}

TEST(DocumentText, RefusesANameThatStandsTwice) {
    const auto value = parse_document(R"({"x":{"a":1,"b":2,"a":3}})");
    ASSERT_FALSE(value);
    EXPECT_EQ(value.error().code(), ErrorCode::kInvalidArgument);
}

TEST(DocumentText, BoundsNestingAndSize) {
    const std::string deepest = std::string(kDepthMax, '[') + std::string(kDepthMax, ']');
    EXPECT_TRUE(parse_document(deepest));
    EXPECT_FALSE(parse_document("[" + deepest + "]"));
    EXPECT_FALSE(parse_document(std::string(1'000'000, '[')));
    const auto large = parse_document("\"" + std::string(kDocumentBytesMax, 'a') + "\"");
    ASSERT_FALSE(large);
    EXPECT_EQ(large.error().code(), ErrorCode::kLimitExceeded);
}

TEST(DocumentText, AnEntityIsAnObject) {
    EXPECT_TRUE(parse_object("{}"));
    for (const char* text : {"[]", "1", "null", "\"a\""}) EXPECT_FALSE(parse_object(text)) << text;
}

TEST(Canonical, IsAsRfc8785HasIt) {
    // RFC 8785 3.2.2 and 3.2.3, without the number that no double holds
    EXPECT_EQ(
        canonical_of(R"({"numbers":[1E30,4.50,6,2e-3,0.000000000000000000000000001],)"
                     R"("string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",)"
                     R"("literals":[null,true,false]})"),
        "{\"literals\":[null,true,false],\"numbers\":[1e+30,4.5,6,0.002,1e-27],"
        "\"string\":\"\xE2\x82\xAC$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}"
    );
    EXPECT_EQ(
        canonical_of(
            R"({"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7})"
        ),
        "{\"\\r\":2,\"1\":4,\"\xC2\x80\":6,\"\xC3\xB6\":7,\"\xE2\x82\xAC\":1,"
        "\"\xF0\x9F\x98\x80\":5,\"\xEF\xAC\xB3\":3}"
    );
}

TEST(Canonical, WritesNumbersAsEcmascriptDoes) {
    // RFC 8785, appendix B, as decimals
    const std::vector<std::pair<std::string, std::string>> numbers{
        {"0", "0"},
        {"-0", "0"},
        {"-0.0", "0"},
        {"5e-324", "5e-324"},
        {"-5e-324", "-5e-324"},
        {"1.7976931348623157e308", "1.7976931348623157e+308"},
        {"9007199254740992", "9007199254740992"},
        {"295147905179352830000", "295147905179352830000"},
        {"9.999999999999997e22", "9.999999999999997e+22"},
        {"1e23", "1e+23"},
        {"999999999999999700000", "999999999999999700000"},
        {"1000000000000000000000", "1e+21"},
        {"0.000001", "0.000001"},
        {"9.999999999999997e-7", "9.999999999999997e-7"},
        {"333333333.3333332", "333333333.3333332"},
        {"-0.0000033333333333333333", "-0.0000033333333333333333"},
        {"1.0", "1"},
        {"10.50e1", "105"},
        {"100", "100"},
        {"0.1e-99999999999999999999", "0"},
    };
    for (const auto& [number, expected] : numbers) {
        EXPECT_EQ(canonical_number(number), expected) << number;
    }
}

TEST(Canonical, ComparesNumbersByValue) {
    const std::vector<std::string> rising{
        "-1e10",
        "-12.5",
        "-12",
        "-0.001",
        "0",
        "1e-9",
        "0.5",
        "0.75",
        "1",
        "9.9",
        "10",
        "12345678901234567890",
        "12345678901234567891",
        "1e300"
    };
    for (std::size_t i = 0; i < rising.size(); ++i) {
        for (std::size_t j = 0; j < rising.size(); ++j) {
            EXPECT_EQ(compare_numbers(rising[i], rising[j]), i <=> j)
                << rising[i] << " " << rising[j];
        }
    }
    EXPECT_EQ(compare_numbers("1.0", "10e-1"), std::strong_ordering::equal);
    EXPECT_EQ(compare_numbers("-0", "0.0"), std::strong_ordering::equal);
}

TEST(Canonical, DigitsBeyondADoubleStillTellDocumentsApart) {
    const auto one = parse_document("12345678901234567890");
    const auto other = parse_document("12345678901234567891");
    ASSERT_TRUE(one && other);
    EXPECT_NE(hash_of(*one), hash_of(*other));
}

TEST(Canonical, HashIsSha256OfTheText) {
    const auto value = parse_document(R"({ "b": 1.0, "a": [] })");
    ASSERT_TRUE(value);
    EXPECT_EQ(canonical(*value), R"({"a":[],"b":1})");
    EXPECT_EQ(hash_of(*value), "1c8f8816506a8ccbc55140d8a7bb70214a8942c7030fc0fc2914cec675cd1c15");
}

TEST(Pointer, TextAndStepsAreTheSame) {
    for (const char* text : {"", "/", "/a", "/a~1b/m~0n/0", "//"}) {
        const auto pointer = parse_pointer(text);
        ASSERT_TRUE(pointer) << text;
        EXPECT_EQ(to_text(*pointer), text);
    }
}

RC_GTEST_PROP(DocumentText, ReadsWhatItWrites, ()) {
    const Value value = testing::arbitrary_value(5);
    const auto read = parse_document(to_text(value));
    RC_ASSERT(read);
    RC_ASSERT(to_text(*read) == to_text(value));
}

RC_GTEST_PROP(Canonical, IsTheSameForEqualValuesAndStable, ()) {
    const Value value = testing::arbitrary_value(4);
    const auto again = parse_document(canonical(value));
    RC_ASSERT(again);
    RC_ASSERT(canonical(*again) == canonical(value));
    RC_ASSERT(is_equal(*again, value));
    const Value other = testing::arbitrary_value(4);
    RC_ASSERT(is_equal(value, other) == (hash_of(value) == hash_of(other)));
}

}  // namespace
}  // namespace annals::documents
