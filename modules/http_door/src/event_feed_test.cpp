// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "event_feed.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "desk.hpp"

namespace annals::http_door::detail {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Pieces final : FeedSink {
    void write(std::string piece, bool /*is_last*/) override { all.push_back(std::move(piece)); }

    std::vector<std::string> all;
};

class EventFeedTest : public ::testing::Test {
  protected:
    static Feed::TimePoint now() { return std::chrono::steady_clock::now(); }

    boost::asio::io_context io_;
    HttpDoorOptions options_;
    Backroom backroom_{options_};
    Desk desk_{io_, options_, backroom_};
    Pieces pieces_;
    const std::shared_ptr<EventFeed> feed_ = std::make_shared<EventFeed>(desk_);
};

TEST_F(EventFeedTest, AHeartbeatComesWhenNothingWasWrittenForSoLong) {
    const auto before = now();
    feed_->start(pieces_);
    feed_->tick(before + options_.heartbeat - std::chrono::nanoseconds(1));
    EXPECT_THAT(pieces_.all, IsEmpty());
    feed_->tick(now() + options_.heartbeat);
    EXPECT_THAT(pieces_.all, ElementsAre(":\n\n"));
}

TEST_F(EventFeedTest, WhatIsWrittenPutsTheNextHeartbeatOff) {
    feed_->start(pieces_);
    feed_->tick(now() + options_.heartbeat);
    ASSERT_THAT(pieces_.all, ElementsAre(":\n\n"));
    feed_->tick(now() + 10 * options_.heartbeat);
    EXPECT_EQ(pieces_.all.size(), 1u) << "between the parts of a piece that is on its way";
    const auto before = now();
    feed_->want_more();
    feed_->tick(before + options_.heartbeat - std::chrono::nanoseconds(1));
    EXPECT_EQ(pieces_.all.size(), 1u) << "between pieces that follow one another";
    feed_->tick(now() + options_.heartbeat);
    EXPECT_EQ(pieces_.all.size(), 2u);
}

}  // namespace
}  // namespace annals::http_door::detail
