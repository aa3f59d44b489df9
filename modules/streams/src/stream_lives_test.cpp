// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/streams/stream_lives.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "annals/streams/stream_reader.hpp"
#include "annals/streams/testing/fake_orderer.hpp"

namespace annals::streams {
namespace {

using testing::FakeOrderer;
using testing::TestEvent;
using Numbers = std::vector<std::uint64_t>;

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kYearNs = 365 * 86'400 * kSecondNs;

class StreamLivesTest : public ::testing::Test {
  protected:
    /// Each in its own append, so many seconds apart.
    void append(const std::string& stream, int events, std::int64_t apart_s = 0) {
        for (int i = 0; i < events; ++i) {
            orderer_.append_one({.stream = stream});
            orderer_.clock.pass(apart_s * kSecondNs);
        }
    }
    static TestEvent said(const std::string& stream, const std::string& json) {
        return {.stream = "$$" + stream, .type = "$metadata", .data = json};
    }
    void say(const std::string& stream, const std::string& json) {
        orderer_.append_one(said(stream, json));
    }
    void remove(const std::string& stream) {
        orderer_.append_one(
            {.stream = "$$" + stream, .type = "$deleted", .tags = {"$deleted:" + stream}}
        );
    }
    Result<api::ReadPage> read(const std::string& stream) {
        api::ReadRequest request;
        request.stream = stream;
        return reader_.read({}, request);
    }
    Numbers shown(const std::string& stream) {
        Numbers revisions;
        const auto page = read(stream);
        EXPECT_TRUE(page) << page.error().to_string();
        if (!page) return revisions;
        const auto events = page->events.decode();
        for (const auto& event : *events) revisions.push_back(event.revision.value);
        return revisions;
    }

    FakeOrderer orderer_;
    StreamReader reader_{orderer_};
};

TEST_F(StreamLivesTest, EventsPassTheirAgeOneByOneWhileTimeGoesOn) {
    append("a", 4, 10);  // recorded at 0, 10, 20, 30 s; it is 40 s now
    say("a", R"({"$maxAge":25})");
    EXPECT_EQ(shown("a"), (Numbers{2, 3}));
    orderer_.clock.pass(5 * kSecondNs);
    EXPECT_EQ(shown("a"), (Numbers{2, 3})) << "exactly as old as is shown";
    orderer_.clock.pass(1);
    EXPECT_EQ(shown("a"), (Numbers{3}));
    orderer_.clock.pass(20 * kSecondNs);
    EXPECT_TRUE(shown("a").empty());
    EXPECT_EQ(read("a")->last_revision, Revision(3)) << "it still goes on there";
    append("a", 1);
    EXPECT_EQ(shown("a"), (Numbers{4}));
}

TEST_F(StreamLivesTest, AStreamWithoutRetentionKeepsEverythingHoweverFarAheadTheClockIs) {
    append("a", 3);
    append("b", 3);
    say("b", R"({"owner":"me"})");
    orderer_.clock.pass(200 * kYearNs);
    EXPECT_EQ(shown("a"), (Numbers{0, 1, 2}));
    EXPECT_EQ(shown("b"), (Numbers{0, 1, 2}));
    say("b", R"({"$maxAge":9223372036854775806})");
    EXPECT_EQ(shown("b"), (Numbers{0, 1, 2})) << "an age beyond all time";
}

TEST_F(StreamLivesTest, WhatIsNotVisibleYetSaysNothing) {
    append("a", 3);
    std::vector<TestEvent> events{said("a", R"({"$maxCount":1})")};
    orderer_.append(events, false);
    EXPECT_EQ(shown("a"), (Numbers{0, 1, 2}));
    orderer_.show_all();
    EXPECT_EQ(shown("a"), (Numbers{2}));
    // Far more than one look back into the index.
    for (int i = 0; i < 200; ++i) {
        events = {said("a", R"({"$maxCount":2})")};
        orderer_.append(events, false);
    }
    EXPECT_EQ(shown("a"), (Numbers{2}));
    orderer_.show_all();
    EXPECT_EQ(shown("a"), (Numbers{1, 2}));
}

TEST_F(StreamLivesTest, ADeletionIsFoundBehindLaterMetadataAndAmongEventsThatLookLikeOne) {
    append("a", 3);
    remove("a");
    orderer_.append_one({.stream = "b", .type = "$deleted", .tags = {"$deleted:a"}});
    append("a", 2);
    say("a", R"({"owner":"me"})");
    EXPECT_EQ(shown("a"), (Numbers{3, 4}));
    const auto info = reader_.get_metadata({"a", ""});
    ASSERT_TRUE(info);
    EXPECT_EQ(info->metadata.truncate_before, std::nullopt);
    EXPECT_EQ(info->effective.truncate_before, Revision(3));
}

TEST_F(StreamLivesTest, MoreStreamsThanAreKeptAnswerAlike) {
    const auto count = static_cast<int>(StreamLives::kKeptMax) + 100;
    for (int i = 0; i < count; ++i) {
        std::vector<TestEvent> events{
            {.stream = "s" + std::to_string(i)},
            {.stream = "s" + std::to_string(i)},
            said("s" + std::to_string(i), R"({"$maxCount":1})")
        };
        orderer_.append(events);
    }
    for (int i = 0; i < count; ++i) ASSERT_EQ(shown("s" + std::to_string(i)), (Numbers{1}));
    ASSERT_EQ(shown("s0"), (Numbers{1}));
}

TEST_F(StreamLivesTest, AReadThatMustNotWaitAnswersAsTheOtherOrNotAtAll) {
    append("a", 3);
    api::ReadRequest request;
    request.stream = "a";
    ASSERT_TRUE(reader_.try_read({}, request).has_value());
    say("a", R"({"$maxCount":1})");
    EXPECT_FALSE(reader_.try_read({}, request).has_value()) << "what is said lies in the log";
    EXPECT_EQ(shown("a"), (Numbers{2}));
    const auto quick = reader_.try_read({}, request);
    ASSERT_TRUE(quick.has_value());
    EXPECT_EQ((*quick)->events.size(), 1u);
    say("a", R"({"$maxAge":9})");
    EXPECT_EQ(shown("a"), (Numbers{0, 1, 2}));
    EXPECT_FALSE(reader_.try_read({}, request).has_value()) << "an age is looked for in the log";
}

}  // namespace
}  // namespace annals::streams
