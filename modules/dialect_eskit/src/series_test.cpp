// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/dialect_eskit/series.hpp"

#include <future>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "annals/consumers/testing/server.hpp"

namespace annals::dialect_eskit {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class SeriesTest : public ::testing::Test {
  protected:
    void append(const std::string& stream, const std::string& type) {
        model::AppendRequest request;
        model::NewEvent event;
        event.stream = stream;
        event.type = type;
        event.data = "{}";
        request.events.push_back(event);
        const auto appended = server_.events().append_and_wait({}, request);
        ASSERT_TRUE(appended) << appended.error().to_string();
    }
    void save(const std::string& consumer, const std::string& offset, const std::string& id) {
        std::promise<bool> saved;
        server_.consumers().save_offset({}, {consumer, offset, id}, [&](const auto& progress) {
            saved.set_value(progress.has_value());
        });
        ASSERT_TRUE(saved.get_future().get());
    }
    std::string text() {
        telemetry::Scrape scrape;
        Series(server_.events(), server_.consumers(), "default").add(scrape);
        return telemetry::Metrics().expose(scrape);
    }

    std::unique_ptr<log::FileSystem> files_ = log::make_memory_file_system();
    consumers::testing::Server server_{*files_};
};

TEST_F(SeriesTest, TypesOfOneEntityTypeAreOnePartition) {
    append("order-1", "shop.Order.Created");
    append("user-1", "shop.User.Created");
    append("order-1", "shop.Order.Updated");
    const std::string text = this->text();
    const std::string order = "{application_id=\"consumer\",partition_id=\"shop.Order\"} ";
    EXPECT_THAT(text, HasSubstr("eskit_events_stream_last_id" + order + "3\n"));
    EXPECT_THAT(text, HasSubstr("eskit_events_stream_count" + order + "2\n"));
    EXPECT_THAT(text, HasSubstr("partition_id=\"shop.User\"} 2\n"));
}

TEST_F(SeriesTest, ConsumersHaveTheNamesThatEskitGaveThem) {
    save("plain", "17", "");
    save("sha256.0", "x", "a long id");
    const std::string text = this->text();
    EXPECT_THAT(text, HasSubstr("eskit_consumers_progress{consumer_name=\"plain\"} 17\n"));
    EXPECT_THAT(text, HasSubstr("eskit_consumers_lastseen{consumer_name=\"a long id\"} "));
    EXPECT_THAT(text, Not(HasSubstr("eskit_consumers_progress{consumer_name=\"a long id\"}")))
        << "x is no number";
}

TEST_F(SeriesTest, AnEmptyStoreHasNone) { EXPECT_EQ(text(), ""); }

}  // namespace
}  // namespace annals::dialect_eskit
