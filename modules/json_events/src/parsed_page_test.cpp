// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/json_events/parsed_page.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "annals/json_events/answer_json.hpp"
#include "annals/json_events/event_json.hpp"
#include "annals/json_events/removed_json.hpp"

namespace annals::json_events {
namespace {

std::string event_text(std::uint64_t position, std::string_view data) {
    model::RecordedEvent event;
    event.stream = "order-1";
    event.type = "placed";
    event.id = *Uuid::parse("01900000-0000-7000-8000-000000000001");
    event.position = Position(position);
    event.recorded_time = TimeNs(1'767'225'600'250'000'001);
    event.data = data;
    std::string text;
    append_event(text, event);
    return text;
}

std::string delivery_text(std::uint64_t number) {
    return R"({"delivery":)" + std::to_string(number) + R"(,"attempt":2,"event":)" +
           event_text(number, R"({"n" : 1.50})") + "}";
}

std::vector<std::uint64_t> positions(const model::EventBatch& batch) {
    std::vector<std::uint64_t> list;
    const auto events = batch.decode();
    EXPECT_TRUE(events);
    for (const auto& event : *events) {
        list.push_back(event.position.value);
        EXPECT_EQ(event.data, R"({"n" : 1.50})");
    }
    return list;
}

TEST(ParsedPage, EachDeliveryStandsBesideItsEventAlsoWhenTheyAreSplit) {
    auto all = parse_deliveries(
        R"({"later":1,"deliveries":[)" + delivery_text(7) + "," + delivery_text(8) + "," +
        delivery_text(9) + "]}"
    );
    ASSERT_TRUE(all) << all.error().to_string();
    const api::GroupDeliveries first = all->take_first(2);
    EXPECT_EQ(first.deliveries, (std::vector<std::uint64_t>{7, 8}));
    EXPECT_EQ(first.attempts, (std::vector<std::uint32_t>{2, 2}));
    EXPECT_EQ(positions(first.events), first.deliveries);
    EXPECT_EQ(all->deliveries, std::vector<std::uint64_t>{9});
    EXPECT_EQ(positions(all->events), all->deliveries);
    EXPECT_EQ(all->take_first(0).deliveries.size(), 1u);
    EXPECT_TRUE(all->empty());
    EXPECT_TRUE(all->events.empty());
}

TEST(ParsedPage, ADeliveryHasOneEvent) {
    for (const std::string& one :
         {std::string(R"({"delivery":1,"attempt":1})"),
          R"({"event":)" + event_text(1, "{}") + R"(,"event":)" + event_text(1, "{}") + "}"}) {
        const auto refused = parse_deliveries(R"({"deliveries":[)" + one + "]}");
        ASSERT_FALSE(refused) << one;
        EXPECT_EQ(refused.error().code(), ErrorCode::kInvalidArgument);
        EXPECT_EQ(refused.error().field("field"), "deliveries[0].event");
    }
    EXPECT_TRUE(parse_deliveries("{}")->empty());
}

TEST(ParsedPage, TheEventOfAnObjectIsFoundAmongItsMembers) {
    const auto event = parse_member_event(
        R"({"parked":{"event":1},"event":)" + event_text(3, R"({"n" : 1.50})") + R"(,"queued":[]})"
    );
    ASSERT_TRUE(event);
    EXPECT_EQ(positions(*event), std::vector<std::uint64_t>{3});
    EXPECT_TRUE(parse_member_event(R"({"parked":{}})")->empty());
    EXPECT_FALSE(parse_member_event("[]"));
}

TEST(ParsedPage, WhatIsToldOfRemovedEventsComesBack) {
    api::ReadPage page;
    page.position = "token";
    page.is_end = true;
    page.removed.resize(3);
    page.removed[0].first_position = Position(3);
    page.removed[0].last_position = Position(9);
    page.removed[0].events = 7;
    page.removed[1] = page.removed[0];
    page.removed[1].first_revision = Revision(0);
    page.removed[1].last_revision = Revision(6);
    page.removed[1].removed_time = TimeNs(1'767'225'600'250'000'001);
    page.removed[2].is_uncertain = true;
    std::string text;
    ASSERT_TRUE(append_answer(text, page, EventFormat::kPlain, "default"));
    EXPECT_NE(
        text.find(R"("removed":[{"first_position":3,"last_position":9,"events":7},)"),
        std::string::npos
    ) << text;
    const auto parsed = parse_page(text);
    ASSERT_TRUE(parsed) << parsed.error().to_string();
    EXPECT_EQ(parsed->removed, page.removed);
    std::string one;
    append_removed(one, page.removed[1]);
    EXPECT_EQ(*parse_removed(one), page.removed[1]);
    EXPECT_EQ(*parse_removed(R"({"first_position":1,"later":[]})"), [] {
        api::RemovedEvents removed;
        removed.first_position = Position(1);
        return removed;
    }());
}

TEST(ParsedPage, RefusesWhatIsNotToldThatWay) {
    const auto field_of = [](std::string text) {
        return std::string(parse_page(std::move(text)).error().field("field"));
    };
    EXPECT_EQ(field_of(R"({"removed":{}})"), "removed");
    EXPECT_EQ(field_of(R"({"removed":[{},{"events":-1}]})"), "removed[1].events");
    EXPECT_EQ(field_of(R"({"removed":[{"is_uncertain":"no"}]})"), "removed[0].is_uncertain");
    EXPECT_FALSE(parse_page(R"({"removed":[{"removed_time":"soon"}]})"));
    EXPECT_FALSE(parse_removed("[]"));
}

}  // namespace
}  // namespace annals::json_events
