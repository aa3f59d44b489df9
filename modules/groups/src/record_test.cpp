// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "record.hpp"

#include <gtest/gtest.h>

namespace annals::groups {
namespace {

TEST(GroupRecord, ACheckpointIsReadAsItWasWritten) {
    StoredCheckpoint stored;
    stored.generation = 3;
    stored.token = "AXx";
    stored.checkpoint = {
        Position(17), {{Position(19), Position(21)}, {Position(25), Position(25)}}
    };
    stored.parked_from = Revision(4);
    stored.failure = Failure{Position(18), "host-1", "no such order", TimeNs(5)};
    const std::string text = encode_checkpoint(stored);
    EXPECT_EQ(
        text,
        R"({"generation":3,"position":"AXx","at":17,"finished":[[19,21],[25,25]],"parked_from":4,)"
        R"("failure":{"at":18,"member":"host-1","reason":"no such order","time_ns":5}})"
    );
    const auto read = parse_checkpoint(text);
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, stored);
}

TEST(GroupRecord, ACheckpointWithoutAFailureIsReadAsBefore) {
    const auto read = parse_checkpoint(R"({"generation":1,"position":"AXx","at":17})");
    ASSERT_TRUE(read);
    EXPECT_FALSE(read->failure);
    EXPECT_EQ(encode_checkpoint(*read), R"({"generation":1,"position":"AXx","at":17})");
}

TEST(GroupRecord, ADefinitionKeepsEverySetting) {
    Definition definition;
    definition.kind = DefinitionKind::kRewound;
    definition.settings.filter.categories = {"order"};
    definition.settings.filter.type_pattern = "^a";
    definition.settings.filter.recorded_since = TimeNs(6);
    definition.settings.filter.recorded_until = TimeNs(7);
    definition.settings.start = api::FromTime{TimeNs(-5)};
    definition.settings.strategy = api::GroupStrategy::kPinned;
    definition.settings.key = {api::GroupKeyKind::kField, "/a"};
    definition.settings.ack_deadline_ms = 7'777;
    definition.settings.ready_lag_seconds = 9;
    definition.is_paused = true;
    definition.generation = 8;
    definition.from = Position(5);
    definition.parked_from = Revision(2);
    definition.reason = "why";
    const auto read = parse_definition("$group-rewound", encode_definition(definition));
    ASSERT_TRUE(read);
    EXPECT_TRUE(api::differing_group_settings(read->settings, definition.settings).empty());
    EXPECT_EQ(encode_definition(*read), encode_definition(definition));
    EXPECT_EQ(read->kind, DefinitionKind::kRewound);
}

TEST(GroupRecord, AnEditKeepsBytes) {
    Change change;
    change.kind = ChangeKind::kEdited;
    change.positions = {Position(4)};
    change.data = std::string("\0\xff{", 3);
    change.has_metadata = true;
    change.event_id = *Uuid::parse("0197f3c1-5b2a-7000-8000-000000000001");
    const auto read = parse_change("$parked-edited", encode_change(change));
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, change);
}

TEST(GroupRecord, WhatIsNoRecordIsDamage) {
    for (const char* text :
         {"",
          "[]",
          "{\"at\":-1}",
          "{\"finished\":[[5,4]]}",
          "{\"finished\":[[1,5],[5,6]]}",
          "{\"failure\":\"it failed\"}",
          "{\"failure\":{\"at\":-1}}"}) {
        const auto read = parse_checkpoint(text);
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error().code(), ErrorCode::kDataLoss);
    }
    EXPECT_FALSE(parse_change("$event-parked", "{}"));
    EXPECT_FALSE(parse_change("$parked-edited", R"({"positions":[1],"data":"*"})"));
    EXPECT_FALSE(parse_change("$parked-edited", R"({"positions":[1],"data":"","event_id":"1"})"));
    EXPECT_FALSE(parse_definition("$group-created", R"({"settings":{"strategy":"x"}})"));
    EXPECT_FALSE(parse_definition("$other", "{}"));
}

}  // namespace
}  // namespace annals::groups
