// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/json_events/life_json.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "annals/json_events/expected_text.hpp"

namespace annals::json_events {
namespace {

std::string refused_field(const std::string& json) {
    const auto parsed = parse_metadata(json);
    EXPECT_FALSE(parsed) << json;
    if (parsed) return "";
    EXPECT_EQ(parsed.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_FALSE(parsed.error().field("rule").empty());
    return std::string(parsed.error().field("field"));
}

TEST(LifeJson, MetadataComeBackAsTheyWere) {
    const model::StreamMetadata given{
        3'600, 5, Revision(7), "sku", "{\"owner\" : 1.50,\"owner\":\"zoë\"}"
    };
    std::string json;
    append_metadata(json, given);
    EXPECT_EQ(
        json,
        R"({"max_age_s":3600,"max_count":5,"truncate_before":7,"compact_by":"sku",)"
        R"("custom":{"owner" : 1.50,"owner":"zoë"}})"
    );
    const auto parsed = parse_metadata(json);
    ASSERT_TRUE(parsed) << parsed.error().to_string();
    EXPECT_EQ(*parsed, given);
    EXPECT_EQ(*parse_metadata(" {} "), model::StreamMetadata());
}

TEST(LifeJson, RefusesWhatIsNoMetadataAndNamesThePlace) {
    EXPECT_EQ(refused_field(""), "body");
    EXPECT_EQ(refused_field("{"), "body");
    EXPECT_EQ(refused_field("[]"), "body");
    EXPECT_EQ(refused_field(R"({"max_count":"5"})"), "max_count");
    EXPECT_EQ(refused_field(R"({"max_count":-1})"), "max_count");
    EXPECT_EQ(refused_field(R"({"max_age_s":1.5})"), "max_age_s");
    EXPECT_EQ(refused_field(R"({"truncate_before":null})"), "truncate_before");
    EXPECT_EQ(refused_field(R"({"compact_by":1})"), "compact_by");
    EXPECT_EQ(refused_field(R"({"max_cuont":5})"), "max_cuont");
}

TEST(LifeJson, WhatIsSaidAboutAStreamComesBackAsItWas) {
    api::StreamMetadataInfo info;
    info.target.category = "order";
    info.metadata.max_count = 3;
    info.effective.truncate_before = Revision(4);
    info.revision = Revision(2);
    info.recorded_time = TimeNs(1'700'000'000'123'456'789);
    info.is_deleted = true;
    info.position = "token";
    std::string json;
    append_answer(json, info);
    const auto parsed = parse_metadata_info(json);
    ASSERT_TRUE(parsed) << parsed.error().to_string();
    EXPECT_EQ(parsed->target.category, "order");
    EXPECT_EQ(parsed->target.stream, "");
    EXPECT_EQ(parsed->metadata, info.metadata);
    EXPECT_EQ(parsed->effective, info.effective);
    EXPECT_EQ(parsed->revision, info.revision);
    EXPECT_EQ(parsed->recorded_time, info.recorded_time);
    EXPECT_TRUE(parsed->is_deleted);
    EXPECT_EQ(parsed->position, "token");
    EXPECT_FALSE(parse_metadata_info(R"({"is_deleted":1})"));
    EXPECT_FALSE(parse_metadata_info(R"({"recorded_time":"noon"})"));
}

TEST(LifeJson, WritesChangesAndSnapshots) {
    api::LifeResponse response;
    response.metadata_revision = Revision(1);
    response.at = Position(9);
    response.position = "t";
    response.is_replay = true;
    std::string out;
    append_answer(out, response);
    const auto change = nlohmann::json::parse(out);
    EXPECT_EQ(change["metadata_revision"], 1);
    EXPECT_EQ(change["at"], 9);
    EXPECT_EQ(change["is_replay"], true);
    EXPECT_EQ(change["is_durable"], true);
    out.clear();
    append_answer(
        out, std::vector<api::SnapshotSummary>{{{"a-1", "sum", 2, 3}, Revision(4), 5, {}}}
    );
    const auto list = nlohmann::json::parse(out);
    ASSERT_EQ(list["snapshots"].size(), 1u);
    EXPECT_EQ(list["snapshots"][0]["reducer"], "sum");
    EXPECT_EQ(list["snapshots"][0]["schema_version"], 2);
    EXPECT_EQ(list["snapshots"][0]["reducer_version"], 3);
    EXPECT_EQ(list["snapshots"][0]["revision"], 4);
    EXPECT_EQ(list["snapshots"][0]["bytes"], 5);
}

TEST(ExpectedText, IsAWordOrARevision) {
    using Kind = model::ExpectedKind;
    EXPECT_EQ(parse_expected("any")->kind, Kind::kAny);
    EXPECT_EQ(parse_expected("no_stream")->kind, Kind::kNoStream);
    EXPECT_EQ(parse_expected("exists")->kind, Kind::kExists);
    EXPECT_EQ(parse_expected("deleted")->kind, Kind::kDeleted);
    EXPECT_EQ(parse_expected("18")->revision, Revision(18));
    for (const char* text : {"any", "no_stream", "exists", "deleted", "18"}) {
        EXPECT_EQ(expected_text(*parse_expected(text)), text);
    }
    for (const char* wrong : {"", "-1", "1x", "Any", "99999999999999999999"}) {
        EXPECT_FALSE(parse_expected(wrong)) << wrong;
    }
    EXPECT_FALSE(parse_expected_word("18"));
}

}  // namespace
}  // namespace annals::json_events
