// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// A subscription that meets removed events says so (log-and-rules 2.5, docs/adr/0018).
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "annals/streams/testing/fake_orderer.hpp"
#include "annals/streams/testing/random_events.hpp"
#include "annals/streams/tokens.hpp"
#include "annals/subscriptions/subscription_hub.hpp"

namespace annals::subscriptions {
namespace {

using api::RemovedEvents;
using api::SubscribeRequest;
using api::SubscriptionFrame;
using api::SubscriptionMark;
using streams::testing::FakeOrderer;
using streams::testing::RandomEvents;
using streams::testing::TestEvent;
using Numbers = std::vector<std::uint64_t>;

void append_each(FakeOrderer& log, const std::vector<std::string>& streams) {
    for (const std::string& stream : streams) {
        TestEvent event;
        event.stream = stream;
        log.append_one(event);
    }
}

SubscriptionFrame take(api::Subscription& subscription) {
    SubscriptionFrame frame;
    const Result<bool> has_frame = subscription.try_next(frame);
    EXPECT_TRUE(has_frame && *has_frame)
        << (has_frame ? "nothing there" : has_frame.error().to_string());
    return frame;
}

Numbers positions_of(const SubscriptionFrame& frame) {
    Numbers positions;
    const auto events = frame.events.decode();
    for (const model::RecordedEvent& event : *events) positions.push_back(event.position.value);
    return positions;
}

Position covered_by(const SubscriptionFrame& frame) {
    return model::parse_token(frame.position)->position;
}

/// "2..3x2 5..5x1"
std::string text_of(const std::vector<RemovedEvents>& removed) {
    std::string text;
    for (const RemovedEvents& one : removed) {
        if (!text.empty()) text += ' ';
        text += std::to_string(one.first_position.value) + ".." +
                std::to_string(one.last_position.value) + "x" + std::to_string(one.events);
        if (one.is_uncertain) text += "?";
    }
    return text;
}

std::function<bool(std::uint64_t)> among(std::set<std::uint64_t> positions) {
    return [positions = std::move(positions)](std::uint64_t position) {
        return positions.contains(position);
    };
}

class RemovedEventsTest : public ::testing::Test {
  protected:
    std::unique_ptr<api::Subscription> subscribe(const SubscribeRequest& request) {
        auto begun = hub_.subscribe(request);
        EXPECT_TRUE(begun) << (begun ? "" : begun.error().to_string());
        return begun ? std::move(*begun) : nullptr;
    }

    FakeOrderer log_;
    SubscriptionHub hub_{log_, &log_.clock};
};

TEST_F(RemovedEventsTest, AFrameTellsWhatLiesBeforeItsLastEvent) {
    append_each(log_, {"a-1", "a-1", "b-1", "a-1", "b-1", "a-1"});
    log_.remove(among({1, 2, 4, 6}), among({1, 2}));
    const auto subscription = subscribe({});
    SubscriptionFrame frame = take(*subscription);
    EXPECT_EQ(positions_of(frame), (Numbers{3, 5}));
    EXPECT_EQ(text_of(frame.removed), "1..2x2 4..4x1");
    EXPECT_EQ(covered_by(frame), Position(5)) << "what is not told yet is not covered";
    frame = take(*subscription);
    EXPECT_EQ(frame.mark, SubscriptionMark::kCaughtUp);
    EXPECT_EQ(text_of(frame.removed), "6..6x1");
    append_each(log_, {"a-1"});
    frame = take(*subscription);
    EXPECT_EQ(positions_of(frame), Numbers{7});
    EXPECT_TRUE(frame.removed.empty());
}

TEST_F(RemovedEventsTest, ACheckpointCoversWhatItTells) {
    append_each(log_, {"a-1", "a-1", "a-1", "a-1", "a-1", "b-1"});
    log_.remove(among({1, 2, 3, 4, 5}));
    const auto subscription = subscribe({.checkpoint_interval = 2});
    SubscriptionFrame frame = take(*subscription);
    EXPECT_EQ(frame.mark, SubscriptionMark::kCheckpoint);
    EXPECT_EQ(text_of(frame.removed), "1..2x2");
    EXPECT_EQ(covered_by(frame), Position(2));
    frame = take(*subscription);
    EXPECT_EQ(text_of(frame.removed), "3..4x2");
    frame = take(*subscription);
    EXPECT_EQ(positions_of(frame), Numbers{6});
    EXPECT_EQ(text_of(frame.removed), "5..5x1");
}

TEST_F(RemovedEventsTest, ASlowReaderOfAStreamHearsWhatRetentionTookFromIt) {
    append_each(log_, {"a-1", "a-1", "a-1", "a-1"});
    const auto subscription = subscribe({.stream = "a-1", .batch_events_max = 1});
    EXPECT_EQ(positions_of(take(*subscription)), Numbers{1});
    TestEvent said;
    said.stream = "$$a-1";
    said.type = "$metadata";
    said.data = R"({"$tb":3})";
    log_.append_one(said);
    const SubscriptionFrame frame = take(*subscription);
    EXPECT_EQ(positions_of(frame), Numbers{4});
    ASSERT_EQ(text_of(frame.removed), "2..3x2");
    EXPECT_EQ(frame.removed.front().first_revision, Revision(1));
    EXPECT_EQ(frame.removed.front().last_revision, Revision(2));
    EXPECT_EQ(take(*subscription).mark, SubscriptionMark::kCaughtUp);
}

TEST_F(RemovedEventsTest, ForgottenTagsAreToldOnce) {
    for (int i = 0; i < 4; ++i) {
        TestEvent event;
        event.stream = "a-1";
        event.tags = {"of:a"};
        log_.append_one(event);
    }
    log_.remove(among({1, 2, 3}), among({1, 2}));
    SubscribeRequest request;
    request.filter.tags = {"of:a"};
    request.checkpoint_interval = 1;
    const auto subscription = subscribe(request);
    std::string told;
    while (true) {
        const SubscriptionFrame frame = take(*subscription);
        told += text_of(frame.removed) + ";";
        if (frame.mark == SubscriptionMark::kCaughtUp) break;
    }
    EXPECT_EQ(told, ";1..2x0?;3..3x1;;;");
}

/// Any selection, any sizes, readers that break off anywhere and go on behind what they got: each
/// event is given once or told of once.
TEST_F(RemovedEventsTest, PropertyNothingIsLostOrDoubledOverBreaks) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        FakeOrderer own;
        SubscriptionHub own_hub(own, &own.clock);
        RandomEvents random(seed);
        std::vector<TestEvent> all;
        while (all.size() < 600) {
            std::vector<TestEvent> events(random.below(4) + 1);
            for (TestEvent& event : events) event = random.event();
            own.append(events);
            all.insert(all.end(), events.begin(), events.end());
        }
        const std::uint64_t rate = random.below(8) + 1;
        const std::uint64_t folded_to = random.below(all.size());
        own.remove([&](std::uint64_t at) { return (at * 2'654'435'761u >> 7u) % 8 < rate; });
        own.remove(
            [](std::uint64_t) { return false; }, [&](std::uint64_t at) { return at <= folded_to; }
        );
        std::set<std::uint64_t> removed;
        std::set<std::uint64_t> folded;
        log::LogReader reader = own.log().reader();
        for (const TestEvent& event : all) {
            const auto stored = reader.at(event.position);
            ASSERT_TRUE(stored);
            if (stored->is_removed) removed.insert(event.position.value);
            if (stored->is_folded) folded.insert(event.position.value);
        }
        for (int round = 0; round < 40; ++round) {
            SubscribeRequest request;
            if (random.chance(3)) request.stream = random.stream();
            if (request.stream.empty()) request.filter = random.filter();
            request.batch_events_max = static_cast<std::uint32_t>(random.below(9) + 1);
            request.checkpoint_interval = static_cast<std::uint32_t>(random.below(200) + 1);
            Numbers wanted;
            std::uint64_t gone = 0;
            for (const TestEvent& event :
                 streams::testing::select(all, request.stream, request.filter)) {
                const std::uint64_t at = event.position.value;
                const bool is_unknown = !request.filter.tags.empty() && folded.contains(at);
                if (!removed.contains(at)) wanted.push_back(at);
                if (removed.contains(at) && !is_unknown) ++gone;
            }
            Numbers got;
            std::uint64_t told = 0;
            std::uint64_t uncertain = 0;
            std::uint64_t last_told = 0;
            auto subscription = *own_hub.subscribe(request);
            while (true) {
                const SubscriptionFrame frame = take(*subscription);
                ASSERT_FALSE(HasFailure()) << "seed " << seed;
                const Numbers part = positions_of(frame);
                got.insert(got.end(), part.begin(), part.end());
                for (const RemovedEvents& one : frame.removed) {
                    ASSERT_LE(one.last_position, covered_by(frame));
                    if (!part.empty()) {
                        ASSERT_LT(one.last_position.value, part.back());
                    }
                    told += one.events;
                    if (one.is_uncertain) ++uncertain;
                    if (one.is_uncertain) continue;
                    ASSERT_GT(one.first_position.value, last_told);
                    last_told = one.last_position.value;
                    for (const std::uint64_t position : got) {
                        ASSERT_FALSE(
                            one.first_position.value < position &&
                            position < one.last_position.value
                        );
                    }
                }
                if (frame.mark == SubscriptionMark::kCaughtUp) break;
                if (random.chance(3)) {
                    request.start = api::AfterToken{frame.position};
                    subscription = *own_hub.subscribe(request);
                }
            }
            ASSERT_EQ(got, wanted) << "seed " << seed << " round " << round;
            ASSERT_EQ(told, gone) << "seed " << seed << " round " << round;
            ASSERT_EQ(uncertain, !request.filter.tags.empty() && !folded.empty() ? 1u : 0u);
        }
    }
}

}  // namespace
}  // namespace annals::subscriptions
