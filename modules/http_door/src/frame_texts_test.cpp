// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "frame_texts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "annals/model/event.hpp"

namespace annals::http_door::detail {
namespace {

using json_events::EventFormat;
using ::testing::HasSubstr;

api::SubscriptionFrame frame_of(std::string_view data, std::uint64_t position = 7) {
    model::RecordedEvent event;
    event.stream = "a-1";
    event.type = "t";
    event.data = data;
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
    const std::string first = text_of(texts, frame_of("[1]"));
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

}  // namespace
}  // namespace annals::http_door::detail
