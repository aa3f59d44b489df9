// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "read_frame.hpp"

#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "annals/groups/testing/server.hpp"

namespace annals::groups {
namespace {

class GroupReadFrame : public ::testing::Test {
  protected:
    void append(const std::string& stream, const std::string& data) {
        model::AppendRequest request;
        model::NewEvent& event = request.events.emplace_back();
        event.stream = stream;
        event.type = "happened";
        event.data = data;
        ASSERT_TRUE(server_.events().append_and_wait({}, request));
    }
    api::SubscriptionFrame frame() {
        const auto subscription = server_.events().subscribe({}, {});
        EXPECT_TRUE(subscription);
        api::SubscriptionFrame frame;
        EXPECT_TRUE((*subscription)->try_next(frame).value_or(false));
        return frame;
    }
    Result<ReadFrame> decode(api::SubscriptionFrame from, const api::GroupKey& key) {
        const auto events = server_.events().events_log("default");
        EXPECT_TRUE(events);
        KeyOf key_of(key);
        return ReadFrame::decode(from, key_of, streams::Tokens(**events));
    }
    /// Positions that one member of a new engine gets.
    std::vector<Position> given(const ReadFrame& frame, Engine& engine) {
        EXPECT_TRUE(engine.join({"m", 0, false}, {}));
        frame.offer_to(engine);
        engine.tick({});
        std::vector<Position> positions;
        for (const MemberId member : engine.take_woken()) {
            EXPECT_TRUE(engine.take(member, 0, 1u << 20u, taken_));
        }
        positions.reserve(taken_.size());
        for (const Delivery& one : taken_) positions.push_back(one.position);
        return positions;
    }

    std::vector<Delivery> taken_;
    std::unique_ptr<log::FileSystem> files_ = log::make_memory_file_system();
    testing::Server server_{*files_};
};

TEST_F(GroupReadFrame, KeysThatAreMadeOutOfTheDataLastAsLongAsTheFrame) {
    for (int i = 0; i < 50; ++i) {
        append("a", R"({"k":")" + std::string(40, static_cast<char>('a' + i % 2)) + "\"}");
    }
    auto read = decode(frame(), {api::GroupKeyKind::kField, "/k"});
    ASSERT_TRUE(read) << read.error().to_string();
    const ReadFrame moved = std::move(*read);
    taken_.clear();
    Engine engine(api::with_group_defaults({}), {}, 1);
    // Of either key one is with the member, the others wait.
    EXPECT_EQ(given(moved, engine), (std::vector<Position>{Position(1), Position(2)}));
    EXPECT_EQ(engine.counts().waiting, 48u);
    EXPECT_EQ(moved.last_revision(), Revision(49));
}

TEST_F(GroupReadFrame, WhatWasTakenStaysThoughTheEngineGoes) {
    append("a", "first");
    append("b", "second");
    auto read = decode(frame(), {});
    ASSERT_TRUE(read);
    taken_.clear();
    {
        Engine engine(api::with_group_defaults({}), {}, 1);
        EXPECT_EQ(given(*read, engine).size(), 2u);
    }
    read = Error(ErrorCode::kInternal, "gone");
    ASSERT_EQ(taken_.size(), 2u);
    EXPECT_NE(taken_[0].bytes, nullptr);
    EXPECT_EQ(taken_[1].bytes, nullptr);  // in the same bytes as the one before
    model::RecordedEvent event;
    ASSERT_TRUE(model::decode_event_fields(taken_[1].message, event));
    EXPECT_EQ(event.data, "second");
    taken_.clear();
}

TEST_F(GroupReadFrame, AnEventThatIsNoneIsAnError) {
    append("a", "first");
    api::SubscriptionFrame broken = frame();
    broken.events.clear();
    broken.events.add_message("\xff\xff\xff");
    EXPECT_FALSE(decode(std::move(broken), {}));
}

}  // namespace
}  // namespace annals::groups
