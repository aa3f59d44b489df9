// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/json_events/sent_names.hpp"

#include <gtest/gtest.h>

namespace annals::json_events {
namespace {

TEST(SentNames, AMemberIsThereWhereTheContentHasIt) {
    EXPECT_TRUE(has_member(R"({"from":1})", "from"));
    EXPECT_TRUE(has_member(R"({"filter":{"match":"a"}})", "filter.match"));
    EXPECT_TRUE(has_member(R"({"from":null})", "from"));
    for (const char* const json :
         {"", "{", "[]", "7", R"({"to":"from"})", R"({"filter":7})", R"({"filter":{}})"}) {
        EXPECT_FALSE(has_member(json, "from")) << json;
        EXPECT_FALSE(has_member(json, "filter.match")) << json;
    }
}

TEST(SentNames, AnEventsFieldIsNamedAsTheContentHasIt) {
    const auto name = [](std::string_view field, SentEvents how, bool is_stream_named = false) {
        return event_field_as_sent(field, how, is_stream_named);
    };
    EXPECT_EQ(name("events[3].tags[1]", SentEvents::kMember), "events[3].tags[1]");
    EXPECT_EQ(name("events[3].tags[1]", SentEvents::kArray), "[3].tags[1]");
    EXPECT_EQ(name("events[0].tags[1]", SentEvents::kEvent), "tags[1]");
    EXPECT_EQ(name("events[12].tags[1]", SentEvents::kCloudArray), "[12].tags");
    EXPECT_EQ(name("events[12].stream", SentEvents::kCloudArray), "[12].subject");
    EXPECT_EQ(name("events[12].stream", SentEvents::kCloudArray, true), "stream");
    EXPECT_EQ(name("events[0].valid_time", SentEvents::kCloudEvent), "time");
    EXPECT_EQ(name("events[0].type", SentEvents::kCloudHeaders), "ce-type");
    EXPECT_EQ(name("events[0].correlation_id", SentEvents::kCloudHeaders), "ce-correlationid");
    EXPECT_EQ(name("events[0].content_type", SentEvents::kCloudHeaders), "Content-Type");
    EXPECT_EQ(name("events[0]", SentEvents::kArray), "[0]");
    EXPECT_EQ(name("events[0]", SentEvents::kEvent), "body");
    EXPECT_EQ(name("events", SentEvents::kArray), "body");
    EXPECT_EQ(name("events", SentEvents::kMember), "events");
    for (const std::string_view other : {"", "stream", "checks[0].stream", "events[", "eventsx"}) {
        EXPECT_EQ(name(other, SentEvents::kEvent), other);
    }
}

}  // namespace
}  // namespace annals::json_events
