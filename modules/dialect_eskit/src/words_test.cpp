// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "annals/model/names.hpp"

#include "go_text.hpp"
#include "naming.hpp"
#include "selector.hpp"

namespace annals::dialect_eskit {
namespace {

TEST(EskitNames, SplitTypesAtTheLastDot) {
    EXPECT_EQ(entity_type_of("com.x.Y.Created"), "com.x.Y");
    EXPECT_EQ(event_name_of("com.x.Y.Created"), "Created");
    EXPECT_EQ(entity_type_of("Created"), "");
    EXPECT_EQ(event_name_of("Created"), "Created");
    EXPECT_EQ(event_name_of("Created."), "");
}

TEST(EskitNames, GiveStreamsACategoryThatIsTheEntityType) {
    EXPECT_EQ(stream_name("User", "a-1"), "User-a-1");
    EXPECT_EQ(stream_name("a-b%", "1"), "a%2db%25-1");
    EXPECT_EQ(stream_name("$a$", "1"), "%24a$-1");
    EXPECT_EQ(stream_name("", "1"), "-1");
    EXPECT_EQ(stream_name("\n\xC2\x85", "1"), "%0a%c2%85-1");
    EXPECT_TRUE(stream_name(std::string(1'000, '-'), "1").starts_with("%sha256."));
    EXPECT_EQ(originator_of_stream("a%2db-1-2"), "1-2");
    EXPECT_EQ(originator_of_stream("plain"), "plain");
}

TEST(EskitNames, HashIdsThatNamesCannotHold) {
    EXPECT_EQ(key_of("7"), "7");
    EXPECT_EQ(key_of(std::string(256, 'a')), std::string(256, 'a'));
    for (const std::string& id :
         {std::string(257, 'a'), std::string("a\nb"), std::string("sha256.x")}) {
        EXPECT_TRUE(is_hashed(key_of(id)));
        EXPECT_EQ(key_of(id).size(), 71u);
    }
}

RC_GTEST_PROP(
    EskitNamesProperty,
    EveryNameIsOneThatTheStoreTakes,
    (const std::string& type, const std::string& id)
) {
    RC_PRE(!id.empty());
    const std::string key = key_of(id);
    std::string ascii;
    for (const char c : type)
        ascii.push_back(static_cast<char>(static_cast<unsigned char>(c) & 0x7Fu));
    const std::string stream = stream_name(ascii, key);
    RC_ASSERT(model::check_user_stream_name(stream).has_value());
    RC_ASSERT(originator_of_stream(stream) == key);
    RC_ASSERT(model::check_tag(originator_tag(key)).has_value());
    RC_ASSERT(model::check_tag(version_tag(key, 2'147'483'647)).has_value());
}

TEST(EskitNumbers, AreThoseOfGo) {
    EXPECT_EQ(parse_uint("18446744073709551615").value(), 18'446'744'073'709'551'615u);
    EXPECT_EQ(parse_uint("0007").value(), 7u);
    EXPECT_EQ(
        parse_uint("99999999999999999999x").error().message(),
        "strconv.ParseUint: parsing \"99999999999999999999x\": value out of range"
    );
    EXPECT_EQ(
        parse_uint("1_0").error().message(), "strconv.ParseUint: parsing \"1_0\": invalid syntax"
    );
    EXPECT_EQ(quoted("a\"\\\t\x01ü"), "\"a\\\"\\\\\\t\\x01ü\"");
}

TEST(EskitSelector, IsMetPartByPart) {
    EXPECT_TRUE(Selector("", "").is_everything());
    EXPECT_TRUE(Selector("*", "").is_everything());
    EXPECT_FALSE(Selector("*", "A").is_everything());
    EXPECT_TRUE(Selector("A.*", "").matches("A.B"));
    EXPECT_FALSE(Selector("A.*", "").matches("A.B.C"));
    EXPECT_FALSE(Selector("A.*", "").matches("A"));
    EXPECT_TRUE(Selector("*.B", "").matches("A.C.B"));
    EXPECT_TRUE(Selector("*.B", "").matches("B"));
    EXPECT_TRUE(Selector("A.C.B", "").matches("A.C.B"));
    EXPECT_FALSE(Selector("A.B", "").matches("A.b"));
    EXPECT_TRUE(Selector("B", "").matches("B"));
    EXPECT_TRUE(Selector("B", "").matches(".B"));
    EXPECT_FALSE(Selector("B", "").matches("A.B"));
    EXPECT_TRUE(Selector("A.*", "A").matches("A.B"));
    EXPECT_FALSE(Selector("A.*", "B").matches("A.B"));
}

RC_GTEST_PROP(EskitSelectorProperty, ExactTypesAndPrefixNeverLeaveOutAMatch, ()) {
    const auto word = rc::gen::container<std::string>(rc::gen::element('A', 'B', '.', '*'));
    const std::string type = *word;
    const Selector selector(*word, *rc::gen::element<std::string>("", "A", "A.B"));
    if (!selector.matches(type)) return;
    RC_ASSERT(type.starts_with(selector.type_prefix()));
    const auto exact = selector.exact_types();
    RC_ASSERT(exact.empty() || std::find(exact.begin(), exact.end(), type) != exact.end());
}

}  // namespace
}  // namespace annals::dialect_eskit
