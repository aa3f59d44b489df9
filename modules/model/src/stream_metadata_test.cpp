// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/model/stream_metadata.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "annals/model/limits.hpp"
#include "annals/model/stream_life.hpp"

namespace annals::model {
namespace {

void expect_refused(const StreamMetadata& metadata, ErrorCode code, std::string_view field) {
    const Status status = check_stream_metadata(metadata);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code(), code);
    EXPECT_EQ(status.error().field("field"), field) << status.error().to_string();
}

TEST(StreamMetadata, IsOneJsonObjectWithTheReservedKeysFirst) {
    StreamMetadata metadata;
    EXPECT_EQ(format_stream_metadata(metadata), "{}");
    metadata = {60, 5, Revision(3), "sku", "{\"owner\": 1.0,\"a\":[1,{}]}"};
    const std::string json =
        R"({"$maxAge":60,"$maxCount":5,"$tb":3,"$compactBy":"sku","owner": 1.0,"a":[1,{}]})";
    EXPECT_EQ(format_stream_metadata(metadata), json);
    EXPECT_EQ(parse_stream_metadata(json), metadata);
}

TEST(StreamMetadata, FreeKeysComeBackByteForByte) {
    for (const std::string_view custom :
         {R"({"a":1})",
          R"({ "a" : 1.50 , "a" : "}{,\"\\" })",
          "{\"größe\":\"\\u00e4\",\n\t\"b\":{\"$tb\":7}}",
          R"({"$acl":{"$r":"$all"},"$cacheControl":5})"}) {
        StreamMetadata metadata;
        metadata.custom = custom;
        ASSERT_TRUE(check_stream_metadata(metadata)) << custom;
        EXPECT_EQ(parse_stream_metadata(format_stream_metadata(metadata)), metadata) << custom;
        metadata.max_count = 1;
        EXPECT_EQ(parse_stream_metadata(format_stream_metadata(metadata)), metadata) << custom;
    }
}

TEST(StreamMetadata, WhatCannotBeReadCountsAsEmpty) {
    for (const std::string_view bad : {"", "7", "[]", "{", "{\"a\":1}}", "\xFF", "{\"$tb\":1"}) {
        EXPECT_EQ(parse_stream_metadata(bad), StreamMetadata()) << bad;
    }
    const std::string_view odd = R"({"$maxAge":0,"$maxCount":-1,"$tb":1.5,"$compactBy":7,"a":1})";
    StreamMetadata expected;
    expected.custom = R"({"a":1})";
    EXPECT_EQ(parse_stream_metadata(odd), expected);
}

TEST(StreamMetadata, ReservedKeysAreFoundInAnyPlaceAndSpelling) {
    const StreamMetadata metadata = parse_stream_metadata(R"({"a":1,"\u0024maxCount": 4 ,"b":2})");
    EXPECT_EQ(metadata.max_count, 4u);
    EXPECT_EQ(metadata.custom, R"({"a":1,"b":2})");
}

TEST(StreamMetadata, TheCheckNamesFieldAndRule) {
    StreamMetadata metadata;
    metadata.max_age_s = 0;
    expect_refused(metadata, ErrorCode::kInvalidArgument, "metadata.max_age_s");
    metadata = {};
    metadata.max_count = kMetadataNumberMax + 1;
    expect_refused(metadata, ErrorCode::kInvalidArgument, "metadata.max_count");
    metadata = {};
    metadata.truncate_before = Revision(kMetadataNumberMax + 1);
    expect_refused(metadata, ErrorCode::kInvalidArgument, "metadata.truncate_before");
    metadata = {};
    metadata.compact_by = "a:b";
    expect_refused(metadata, ErrorCode::kInvalidArgument, "metadata.compact_by");
    metadata = {};
    metadata.custom = "[]";
    expect_refused(metadata, ErrorCode::kInvalidArgument, "metadata.custom");
    metadata.custom = R"({"\u0024tb":7})";
    expect_refused(metadata, ErrorCode::kInvalidArgument, "metadata.custom");
    metadata.custom = "{\"a\":\"" + std::string(Limits::kStreamMetadataBytesMax, 'x') + "\"}";
    expect_refused(metadata, ErrorCode::kLimitExceeded, "metadata.custom");
}

TEST(StreamMetadata, ACategoryFillsWhatTheStreamDoesNotSay) {
    StreamMetadata own;
    own.max_count = 3;
    StreamMetadata category;
    category.max_count = 9;
    category.max_age_s = 60;
    category.compact_by = "key";
    category.truncate_before = Revision(5);
    category.custom = "{\"a\":1}";
    const StreamMetadata both = with_defaults(own, category);
    EXPECT_EQ(both.max_count, 3u);
    EXPECT_EQ(both.max_age_s, 60u);
    EXPECT_EQ(both.compact_by, "key");
    EXPECT_EQ(both.truncate_before, std::nullopt);
    EXPECT_EQ(both.custom, "");
}

RC_GTEST_PROP(StreamMetadataProperty, HostileTextIsReadOrCountsAsEmpty, ()) {
    std::string text = R"({"$maxAge":60,"a":{"b":[1,"x\"y"]},"$tb":3})";
    for (int i = *rc::gen::inRange(1, 4); i > 0; --i) {
        const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
        text[at] = *rc::gen::elementOf(std::string("{}[]\",:\\ 0a$"));
    }
    const StreamMetadata metadata = parse_stream_metadata(text);
    if (check_stream_metadata(metadata)) {
        RC_ASSERT(parse_stream_metadata(format_stream_metadata(metadata)) == metadata);
    }
}

TEST(StreamLife, AnEventIsRecognisedByStreamAndType) {
    EXPECT_EQ(life_change_of("$$a-1", "$metadata"), LifeChange::kMetadata);
    EXPECT_EQ(life_change_of("$$a-1", "$deleted"), LifeChange::kDelete);
    EXPECT_EQ(life_change_of("$$a-1", "$tombstoned"), LifeChange::kTombstone);
    EXPECT_EQ(life_change_of("$$a-1", "other"), std::nullopt);
    EXPECT_EQ(life_change_of("$a-1", "$metadata"), std::nullopt);
    EXPECT_EQ(life_change_of("$$", "$metadata"), std::nullopt);
    EXPECT_EQ(subject_of(metadata_stream_of("a-1")), "a-1");
    EXPECT_EQ(subject_of("a-1"), "");
}

}  // namespace
}  // namespace annals::model
