// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "record.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace annals::consumers {
namespace {

std::string some_text() {
    return *rc::gen::element<std::string>("", "x", "a \"b\"\\", "ünï\n", "{}");
}

RC_GTEST_PROP(ConsumerRecord, IsReadAsItWasWritten, ()) {
    Record record;
    record.kind = *rc::gen::element(
        RecordKind::kSaved, RecordKind::kClaimed, RecordKind::kRewound, RecordKind::kDeleted
    );
    record.position = some_text();
    record.at = Position(*rc::gen::arbitrary<std::uint64_t>());
    record.epoch = *rc::gen::arbitrary<std::uint64_t>();
    record.owner = some_text();
    record.offset = some_text();
    record.foreign_id = some_text();
    record.reason = some_text();
    record.last_seen_time = TimeNs(*rc::gen::inRange<std::int64_t>(0, 2'000'000'000'000'000'000));
    const bool is_seen_now = record.kind == RecordKind::kSaved ||
                             record.kind == RecordKind::kClaimed;
    const TimeNs recorded = is_seen_now ? record.last_seen_time : TimeNs(7);
    const auto read = parse_record(type_of(record.kind), encode_record(record), recorded);
    RC_ASSERT(read.has_value());
    RC_ASSERT(*read == record);
}

TEST(ConsumerRecord, IsTheBytesOfTheDocumentation) {
    Record record;
    record.position = "AXxT";
    record.at = Position(17);
    record.epoch = 3;
    record.owner = "host-1";
    EXPECT_EQ(encode_record(record), R"({"position":"AXxT","at":17,"epoch":3,"owner":"host-1"})");
    EXPECT_EQ(encode_record({}), "{}");
    EXPECT_EQ(type_of(RecordKind::kSaved), "$progress-saved");
    EXPECT_EQ(type_of(RecordKind::kClaimed), "$progress-claimed");
    EXPECT_EQ(type_of(RecordKind::kRewound), "$progress-rewound");
    EXPECT_EQ(type_of(RecordKind::kDeleted), "$consumer-deleted");
    EXPECT_EQ(stream_of("a-1"), "$consumer-a-1");
}

TEST(ConsumerRecord, WhatIsNoneIsRefused) {
    const auto code = [](std::string_view type, std::string_view data) {
        const auto read = parse_record(type, data, TimeNs(1));
        return read ? std::string("ok") : std::string(read.error().info().name);
    };
    EXPECT_EQ(code("$progress-saved", "{}"), "ok");
    EXPECT_EQ(code("$progress-saved", R"({"later":[1]})"), "ok") << "members of the future";
    EXPECT_EQ(code("happened", "{}"), "data_loss");
    for (const char* data :
         {"",
          "[]",
          "{",
          "1",
          "null",
          R"({"at":-1})",
          R"({"at":"1"})",
          R"({"epoch":1.5})",
          R"({"owner":7})",
          R"({"position":null})",
          "{\"owner\":\"\xFF\"}"}) {
        EXPECT_EQ(code("$progress-saved", data), "data_loss") << data;
    }
}

}  // namespace
}  // namespace annals::consumers
