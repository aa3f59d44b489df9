// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "selection.hpp"

#include <optional>
#include <string>

#include <gtest/gtest.h>

namespace annals::http_door::detail {
namespace {

Result<Selection> parse(const std::string& query, const std::string& stream = "") {
    Request request;
    request.query = query;
    return parse_selection(request, stream);
}

Selection must(const std::string& query, const std::string& stream = "") {
    Result<Selection> selection = parse(query, stream);
    EXPECT_TRUE(selection) << (selection ? "" : selection.error().to_string());
    return selection ? std::move(*selection) : Selection();
}

TEST(Selection, StartsWhereItIsTold) {
    using std::get;
    EXPECT_EQ(get<api::FromRevision>(must("from=3", "a-1").read.start).revision, Revision(3));
    EXPECT_EQ(get<api::FromPosition>(must("from=3").read.start).position, Position(3));
    EXPECT_EQ(
        get<api::FromTime>(must("from=1970-01-01T00:00:01%2B00:00").read.start).time,
        TimeNs(1'000'000'000)
    );
    EXPECT_EQ(get<api::AfterToken>(must("after=abc").read.start).token, "abc");
    EXPECT_EQ(must("from=start").read.start.index(), 0u);
    EXPECT_TRUE(must("from=end").is_from_end);
}

TEST(Selection, RefusesAValueWithoutAName) {
    for (const std::string query : {"=", "=3", "limit=1&="}) {
        const Result<Selection> refused = parse(query);
        ASSERT_FALSE(refused) << query;
        EXPECT_EQ(refused.error().code(), ErrorCode::kInvalidArgument);
        EXPECT_EQ(refused.error().field("field"), "query");
    }
}

TEST(Selection, TakesFiltersSeveralTimesAndBlanksInBothWays) {
    const Selection selection = must(
        "category=a&category=b&type=t+1&tag=k%3Av&prefix=p%20q&match=%5Ea&match_type=b&limit=7"
        "&since=1970-01-01T00:00:01Z&until=1970-01-01T01:00:02%2B01:00"
    );
    const model::Filter& filter = selection.read.filter;
    EXPECT_EQ(filter.categories, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(filter.types, std::vector<std::string>{"t 1"});
    EXPECT_EQ(filter.tags, std::vector<std::string>{"k:v"});
    EXPECT_EQ(filter.stream_prefixes, std::vector<std::string>{"p q"});
    EXPECT_EQ(filter.stream_pattern, "^a");
    EXPECT_EQ(filter.type_pattern, "b");
    EXPECT_EQ(filter.recorded_since, TimeNs(1'000'000'000));
    EXPECT_EQ(filter.recorded_until, TimeNs(2'000'000'000));
    EXPECT_EQ(must("until=1970-01-01T00:00:00Z").read.filter.recorded_until, TimeNs(1)) << "not 0";
    EXPECT_EQ(selection.read.limit, 7u);
}

TEST(Selection, KnowsTimesToWait) {
    EXPECT_EQ(must("wait=500ms").wait_ms, 500u);
    EXPECT_EQ(must("wait=20s").wait_ms, 20'000u);
    EXPECT_EQ(must("wait=20").wait_ms, 20'000u);
    EXPECT_EQ(must("wait=1m").wait_ms, 60'000u);
    EXPECT_FALSE(parse("wait=61s"));
    EXPECT_FALSE(parse("wait=-1"));
    EXPECT_FALSE(parse("wait=99999999999999999999"));
    EXPECT_EQ(must("min_position=t").read.max_wait_ms, 5'000u);
    EXPECT_EQ(must("min_position=t&wait=0").read.max_wait_ms, 0u);
}

TEST(Selection, ASubscriptionGoesForwardsWithoutAnEnd) {
    const Request request;
    EXPECT_FALSE(subscribe_request(request, must("direction=backwards")));
    EXPECT_FALSE(subscribe_request(request, must("as_of=3")));
    const auto from_end = subscribe_request(request, must("from=end&batch_events_max=9"));
    ASSERT_TRUE(from_end);
    EXPECT_TRUE(std::holds_alternative<api::FromEnd>(from_end->start));
    EXPECT_EQ(from_end->batch_events_max, 9u);
}

std::string refused_field(const Result<api::SubscribeRequest>& subscribe) {
    return subscribe ? "" : std::string(subscribe.error().field("field"));
}

TEST(Selection, WhatOnlyAPageHasIsRefusedOfASubscription) {
    const Request request;
    EXPECT_EQ(refused_field(subscribe_request(request, must("limit=5"))), "limit");
    EXPECT_EQ(refused_field(subscribe_request(request, must("wait=0"))), "wait");
    EXPECT_EQ(refused_field(subscribe_request(request, must("min_position=t"))), "min_position");
    EXPECT_TRUE(subscribe_request(request, must("direction=forwards")));
}

TEST(Selection, WhatOnlyASubscriptionHasIsRefusedOfAPage) {
    for (const std::string name : {"batch_events_max", "checkpoint_interval"}) {
        const Status refused = check_page(must(name + "=9"));
        ASSERT_FALSE(refused) << name;
        EXPECT_EQ(refused.error().field("field"), name);
    }
    EXPECT_TRUE(check_page(must("limit=5&wait=1s")));
}

TEST(Selection, OfOneStreamNothingSaysWhichStreams) {
    for (const std::string name : {"category", "prefix", "match", "include_system"}) {
        EXPECT_TRUE(parse(name + "=true")) << name;
        const Result<Selection> refused = parse(name + "=true", "a-1");
        ASSERT_FALSE(refused) << name;
        EXPECT_EQ(refused.error().field("field"), name);
    }
}

TEST(Selection, WhatIsSaidIsNotEmpty) {
    for (const std::string name : {"match", "match_type", "min_position"}) {
        const Result<Selection> refused = parse(name + "=");
        ASSERT_FALSE(refused) << name;
        EXPECT_EQ(refused.error().field("field"), name);
    }
}

TEST(ResumeId, SaysWhichEventOfAFrame) {
    EXPECT_EQ(resume_id("token", std::nullopt), "token");
    const ResumePoint within = parse_resume_id(resume_id("token", Position(17)));
    EXPECT_EQ(within.token, "token");
    EXPECT_EQ(within.position, Position(17));
    EXPECT_EQ(parse_resume_id("token").position, std::nullopt);
    EXPECT_EQ(parse_resume_id("a.b").token, "a.b") << "refused as a token, later";
    EXPECT_EQ(parse_resume_id("a.").token, "a.");
}

}  // namespace
}  // namespace annals::http_door::detail
