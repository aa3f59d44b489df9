// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/interchange/store_source.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "annals/api/testing/fake_event_store.hpp"
#include "annals/api/testing/refusing_event_store.hpp"

namespace annals::interchange {
namespace {

using Names = std::vector<std::string>;

/// Counts the streams that are read.
class CountingStore final : public api::testing::RefusingEventStore {
  public:
    Result<api::ReadPage> read(const api::CallContext& context, const api::ReadRequest& request)
        override {
        if (!request.stream.empty()) ++reads_of_streams;
        return inner.read(context, request);
    }
    Result<api::StreamList> list_streams(
        const api::CallContext& context, const api::ListRequest& request
    ) override {
        return inner.list_streams(context, request);
    }
    Result<api::ServerInfo> info(const api::CallContext& context) override {
        return inner.info(context);
    }

    api::testing::FakeEventStore inner;
    std::atomic<int> reads_of_streams = 0;
};

class StoreSourceTest : public ::testing::Test {
  protected:
    StoreSourceTest() {
        options_.order = ReadOrder::kStreams;
        for (int n = 10; n < 50; ++n) add("order-" + std::to_string(n), "Placed");
        for (const char* const stream : {"order-30", "order-12", "order-41"}) add(stream, "Rare");
        add("order-12", "Placed");
    }

    void add(const std::string& stream, const std::string& type) {
        model::NewEvent event;
        event.stream = stream;
        event.type = type;
        model::AppendRequest request;
        request.events.push_back(event);
        ASSERT_TRUE(store_.inner.append_and_wait({}, request));
    }

    Names streams_of_all() {
        const auto source = StoreSource::open(store_, options_);
        EXPECT_TRUE(source);
        Names names;
        Record record;
        for (Result<bool> has = (*source)->next(record); has && *has;
             has = (*source)->next(record)) {
            names.emplace_back(record.event.stream);
        }
        return names;
    }

    CountingStore store_;
    StoreSourceOptions options_;
};

TEST_F(StoreSourceTest, OnlyStreamsThatHaveTheTypeAreRead) {
    options_.selection.filter.types = {"Rare"};
    EXPECT_EQ(streams_of_all(), (Names{"order-12", "order-30", "order-41"}));
    EXPECT_EQ(store_.reads_of_streams, 3);
}

TEST_F(StoreSourceTest, WhatIsFoundGoesOnBehindTheCursorToo) {
    options_.selection.filter.types = {"Rare"};
    options_.cursor = "order-12";
    EXPECT_EQ(streams_of_all(), (Names{"order-30", "order-41"}));
}

TEST_F(StoreSourceTest, NothingFoundIsNothingRead) {
    options_.selection.filter.types = {"Unknown"};
    EXPECT_EQ(streams_of_all(), Names());
    EXPECT_EQ(store_.reads_of_streams, 0);
}

TEST_F(StoreSourceTest, WithoutAFilterEveryStreamIsRead) {
    EXPECT_EQ(streams_of_all().size(), 44u);
    EXPECT_EQ(store_.reads_of_streams, 40);
}

}  // namespace
}  // namespace annals::interchange
