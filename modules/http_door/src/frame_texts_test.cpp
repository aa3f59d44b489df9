// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "frame_texts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "annals/http_door/testing/described_frames.hpp"
#include "annals/model/event.hpp"

#include "description.hpp"

namespace annals::http_door::detail {
namespace {

using json_events::EventFormat;
using ::testing::HasSubstr;

api::SubscriptionFrame frame_of(std::string_view data, std::uint64_t position = 7) {
    model::RecordedEvent event;
    event.stream = "a-1";
    event.type = "t";
    event.data = data;
    event.id = *Uuid::parse("01900000-0000-7000-8000-000000000001");
    std::string envelope;
    std::string payload;
    model::encode_envelope(envelope, event, event.id);
    model::encode_payload(payload, event);
    api::SubscriptionFrame frame;
    frame.events.add(envelope, payload, Position(position), Revision(0), TimeNs(1));
    frame.position = "token" + std::to_string(position);
    return frame;
}

std::string text_of(
    FrameTexts& texts,
    const api::SubscriptionFrame& frame,
    EventFormat format = EventFormat::kPlain,
    std::string_view name_space = "default"
) {
    std::string text;
    EXPECT_TRUE(texts.append(frame, format, name_space, text));
    return text;
}

TEST(FrameTexts, MakesTheSameFrameOnce) {
    FrameTexts texts;
    const std::string first = text_of(texts, frame_of("[1]"));
    EXPECT_THAT(first, HasSubstr("id: token7\ndata: {\"stream\":\"a-1\""));
    EXPECT_EQ(texts.copied(), 0u);
    EXPECT_EQ(text_of(texts, frame_of("[1]")), first);
    EXPECT_EQ(texts.copied(), 1u);
}

TEST(FrameTexts, AFrameThatDiffersInAnythingIsAnotherOne) {
    FrameTexts texts;
    EXPECT_THAT(text_of(texts, frame_of("[1]")), HasSubstr("[1]"));
    EXPECT_THAT(text_of(texts, frame_of("[2]")), HasSubstr("[2]")) << "other events, same token";
    api::SubscriptionFrame elsewhere = frame_of("[1]");
    elsewhere.position = "other";
    EXPECT_THAT(text_of(texts, elsewhere), HasSubstr("id: other"));
    EXPECT_THAT(
        text_of(texts, frame_of("[1]"), EventFormat::kCloudEvent), HasSubstr("specversion")
    );
    const std::string there = text_of(texts, frame_of("[1]"), EventFormat::kCloudEvent, "tenant");
    EXPECT_THAT(there, HasSubstr("/annals/tenant/"));
    EXPECT_EQ(texts.copied(), 0u);
}

TEST(FrameTexts, KeepsTheNewestOnly) {
    FrameTexts texts;
    for (std::uint64_t at = 1; at <= FrameTexts::kFramesKept + 1; ++at) {
        (void)text_of(texts, frame_of("[1]", at));
    }
    (void)text_of(texts, frame_of("[1]", 2));
    EXPECT_EQ(texts.copied(), 1u);
    (void)text_of(texts, frame_of("[1]", 1));
    EXPECT_EQ(texts.copied(), 1u) << "gone";
    const std::string large(FrameTexts::kFrameBytesMax, ' ');
    (void)text_of(texts, frame_of(large, 90));
    (void)text_of(texts, frame_of(large, 90));
    EXPECT_EQ(texts.copied(), 1u) << "too large to be kept";
}

TEST(FrameTexts, WritesAMarkBehindItsEvents) {
    FrameTexts texts;
    api::SubscriptionFrame frame = frame_of("[1]");
    frame.mark = api::SubscriptionMark::kCaughtUp;
    const std::string text = text_of(texts, frame);
    EXPECT_THAT(text, HasSubstr("data: {\"stream\""));
    EXPECT_TRUE(text.ends_with("event: caught-up\nid: token7\ndata: {\"position\":\"token7\"}\n\n"))
        << text;
}

api::RemovedEvents gone(std::uint64_t first, std::uint64_t last, std::uint64_t events) {
    api::RemovedEvents removed;
    removed.first_position = Position(first);
    removed.last_position = Position(last);
    removed.events = events;
    return removed;
}

TEST(FrameTexts, RemovedEventsStandInTheirPlaceWithTheIdToGoOnFrom) {
    FrameTexts texts;
    api::SubscriptionFrame frame = frame_of("[1]", 3);
    const api::SubscriptionFrame last = frame_of("[2]", 7);
    ASSERT_TRUE(last.events.for_each([&](const model::RecordedEvent& event) {
        std::string envelope;
        std::string payload;
        model::encode_envelope(envelope, event, event.id);
        model::encode_payload(payload, event);
        frame.events.add(envelope, payload, event.position, event.revision, event.recorded_time);
        return ok();
    }));
    frame.position = last.position;
    const std::string plain = text_of(texts, frame);
    frame.removed = {gone(1, 2, 2), gone(4, 6, 1)};
    const std::string text = text_of(texts, frame);
    EXPECT_THAT(
        text, ::testing::StartsWith("event: removed\nid: token7.2\ndata: {\"first_position\":1")
    );
    EXPECT_THAT(
        text,
        HasSubstr("[1]}\n\nevent: removed\nid: token7.6\n"
                  "data: {\"first_position\":4,\"last_position\":6,\"events\":1}\n\nid: token7\n")
    );
    EXPECT_EQ(texts.copied(), 0u) << "another frame than the one without them";
    frame.removed.clear();
    EXPECT_EQ(text_of(texts, frame), plain);
    EXPECT_EQ(texts.copied(), 1u);
}

TEST(FrameTexts, AMarkIsTheLastBehindRemovedEvents) {
    FrameTexts texts;
    api::SubscriptionFrame frame;
    frame.position = "token9";
    frame.mark = api::SubscriptionMark::kCheckpoint;
    frame.removed = {gone(1, 8, 8)};
    EXPECT_EQ(
        text_of(texts, frame),
        "event: removed\nid: token9.8\ndata: "
        "{\"first_position\":1,\"last_position\":8,\"events\":8}"
        "\n\nevent: checkpoint\nid: token9\ndata: {\"position\":\"token9\"}\n\n"
    );
}

/// What is sent is what /asyncapi.json says.
TEST(FrameTexts, FramesAreAsTheyAreDescribed) {
    http_door::testing::DescribedFrames described(asyncapi_json("1"));
    FrameTexts texts;
    api::SubscriptionFrame frame = frame_of("[1]");
    EXPECT_EQ(described.faults_of_feed(text_of(texts, frame)), "");
    EXPECT_EQ(described.faults_of_feed(text_of(texts, frame, EventFormat::kCloudEvent)), "");
    frame.removed.push_back({Position(1), Position(4), 3, {}, {}, {}});
    for (const auto mark :
         {api::SubscriptionMark::kCaughtUp,
          api::SubscriptionMark::kFellBehind,
          api::SubscriptionMark::kCheckpoint}) {
        frame.mark = mark;
        const std::string text = text_of(texts, frame);
        EXPECT_THAT(text, HasSubstr("event: removed\n"));
        EXPECT_EQ(described.faults_of_feed(text), "");
    }
    EXPECT_NE(described.faults_of_feed("event: caught-up\ndata: {}\n\n"), "") << "it looks";
    EXPECT_NE(described.faults_of_feed("event: news\ndata: {}\n\n"), "");
}

}  // namespace
}  // namespace annals::http_door::detail
