// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/json_events/socket_message.hpp"

#include <string>

#include <gtest/gtest.h>

namespace annals::json_events {
namespace {

SocketMessage must(const std::string& text) {
    std::string id;
    Result<SocketMessage> message = parse_socket_message(text, id);
    EXPECT_TRUE(message) << (message ? "" : message.error().to_string());
    if (!message) return {};
    EXPECT_EQ(id, message->id);
    return std::move(*message);
}

std::string refused(const std::string& text, const std::string& id_wanted = "a") {
    std::string id;
    const Result<SocketMessage> message = parse_socket_message(text, id);
    EXPECT_FALSE(message) << text;
    EXPECT_EQ(id, id_wanted) << text;
    return message ? "" : std::string(message.error().field("field"));
}

TEST(SocketMessage, SubscribesWithEverything) {
    const SocketMessage message = must(
        R"({"op":"subscribe","id":"a","namespace":"n","filter":{"categories":["c"],"types":["t"],
            "tags":["k:v"],"prefixes":["p"],"match":"^a","match_type":"b$","include_system":true,
            "since":"1970-01-01T00:00:01Z","until":"1970-01-01T00:00:02Z"},
            "after":"tok.5","credit":10,
            "batch_events_max":7,"checkpoint_interval":8,"format":"cloudevents"})"
    );
    const auto& subscribe = std::get<SubscribeMessage>(message.body);
    EXPECT_EQ(subscribe.name_space, "n");
    EXPECT_EQ(subscribe.resume, "tok.5");
    EXPECT_EQ(subscribe.credit, 10u);
    EXPECT_EQ(subscribe.format, EventFormat::kCloudEvent);
    EXPECT_EQ(subscribe.request.batch_events_max, 7u);
    EXPECT_EQ(subscribe.request.checkpoint_interval, 8u);
    EXPECT_EQ(subscribe.request.filter.categories, std::vector<std::string>{"c"});
    EXPECT_EQ(subscribe.request.filter.stream_prefixes, std::vector<std::string>{"p"});
    EXPECT_EQ(subscribe.request.filter.stream_pattern, "^a");
    EXPECT_EQ(subscribe.request.filter.type_pattern, "b$");
    EXPECT_TRUE(subscribe.request.filter.include_system);
    EXPECT_EQ(subscribe.request.filter.recorded_since, TimeNs(1'000'000'000));
    EXPECT_EQ(subscribe.request.filter.recorded_until, TimeNs(2'000'000'000));
}

TEST(SocketMessage, StartsWhereItIsTold) {
    const auto start_of = [](const std::string& start) {
        const SocketMessage message = must(
            R"({"op":"subscribe","id":"a","credit":1,)" + start + "}"
        );
        return std::get<SubscribeMessage>(message.body).request.start;
    };
    EXPECT_EQ(std::get<api::FromRevision>(start_of("\"from_revision\":4")).revision, Revision(4));
    EXPECT_EQ(std::get<api::FromPosition>(start_of("\"from_position\":4")).position, Position(4));
    EXPECT_TRUE(std::holds_alternative<api::FromEnd>(start_of("\"from\":\"end\"")));
    EXPECT_EQ(start_of("\"from\":\"start\"").index(), 0u);
    EXPECT_EQ(
        std::get<api::FromTime>(start_of("\"from_time\":\"1970-01-01T00:00:01Z\"")).time,
        TimeNs(1'000'000'000)
    );
}

TEST(SocketMessage, TakesTheOthers) {
    const SocketMessage credit = must(R"({"op":"credit","id":"a","events":5})");
    EXPECT_EQ(std::get<CreditMessage>(credit.body).events, 5u);
    const SocketMessage gone = must(R"({"op":"unsubscribe","id":"a"})");
    EXPECT_TRUE(std::holds_alternative<UnsubscribeMessage>(gone.body));
    const SocketMessage ping = must(R"({"op":"ping","id":"a"})");
    EXPECT_TRUE(std::holds_alternative<PingMessage>(ping.body));
}

TEST(SocketMessage, NamesWhatIsWrong) {
    EXPECT_EQ(refused("{", ""), "body");
    EXPECT_EQ(refused("[]", ""), "body");
    EXPECT_EQ(refused(R"({"op":"ping"})", ""), "id");
    EXPECT_EQ(refused(R"({"op":"ping","id":""})", ""), "id");
    EXPECT_EQ(refused(R"({"id":"a","op":"dance"})"), "op");
    EXPECT_EQ(refused(R"({"id":"a","op":"ping","more":1})"), "more");
    EXPECT_EQ(refused(R"({"id":"a","op":"ping","credit":1})"), "credit");
    EXPECT_EQ(refused(R"({"id":"a","op":"credit"})"), "events");
    EXPECT_EQ(refused(R"({"id":"a","op":"credit","events":1,"stream":"s"})"), "stream");
    EXPECT_EQ(refused(R"({"id":"a","op":"credit","events":1000000001})"), "events");
    EXPECT_EQ(refused(R"({"id":"a","op":"subscribe"})"), "credit");
    EXPECT_EQ(refused(R"({"id":"a","op":"subscribe","credit":1,"stream":""})"), "stream");
    EXPECT_EQ(
        refused(R"({"id":"a","op":"subscribe","credit":1,"from":"end","after":"x"})"), "after"
    );
    EXPECT_EQ(refused(R"({"id":"a","op":"subscribe","credit":1,"from":"now"})"), "from");
    EXPECT_EQ(
        refused(R"({"id":"a","op":"subscribe","credit":1,"filter":{"tags":[1]}})"), "filter.tags[0]"
    );
    EXPECT_EQ(
        refused(R"({"id":"a","op":"subscribe","credit":1,"filter":{"tag":[]}})"), "filter.tag"
    );
    EXPECT_EQ(refused(R"({"id":"a","op":"ping","after":"x"})"), "after");
}

TEST(SocketMessage, TellsTheValueThatWasSent) {
    const auto value = [](const std::string& text) {
        std::string id;
        const Result<SocketMessage> message = parse_socket_message(text, id);
        EXPECT_FALSE(message) << text;
        return message ? "" : std::string(message.error().field("value"));
    };
    EXPECT_EQ(value(R"({"id":"a","op":"subscribe","credit":0})"), "0");
    EXPECT_EQ(value(R"({"id":"a","op":"subscribe"})"), "") << "none was sent";
    EXPECT_EQ(value(R"({"id":"a","op":"ping","stream":"s"})"), R"("s")");
    EXPECT_EQ(value(R"({"id":"a","op":"ping","credit":5})"), "5");
    EXPECT_EQ(value(R"({"id":"a","op":"subscribe","filter":{"include_system":"no"}})"), R"("no")");
}

}  // namespace
}  // namespace annals::json_events
