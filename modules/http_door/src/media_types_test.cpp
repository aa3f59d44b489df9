// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "media_types.hpp"

#include <string>

#include <gtest/gtest.h>

namespace annals::http_door::detail {
namespace {

std::string of(std::string_view accept, Offers offers = kReadOffers) {
    return std::string(negotiated(accept, offers).value_or("none"));
}

TEST(MediaTypes, TheFirstOfferIsMeantWhereAcceptLeavesItOpen) {
    for (const char* const accept :
         {"", " ", ",", "*/*", "application/*", "*;q=.2", "*/*;q=0.001"}) {
        EXPECT_EQ(of(accept), kJsonType) << accept;
    }
}

TEST(MediaTypes, TheHighestWeightIsTaken) {
    EXPECT_EQ(of("application/json;q=0.5, application/cloudevents-batch+json"), kCloudBatchType);
    EXPECT_EQ(of("application/json, application/cloudevents-batch+json;q=0.5"), kJsonType);
    EXPECT_EQ(of("application/json, application/cloudevents+json;q=0.5"), kJsonType);
    EXPECT_EQ(of("text/event-stream; q=0.9 ,application/json;Q=0.899"), kFeedType);
    EXPECT_EQ(of("text/html, application/xml;q=0.9, */*;q=0.8"), kJsonType);
    EXPECT_EQ(of("TEXT/Event-Stream, */*;q=0.1"), kFeedType);
}

TEST(MediaTypes, OfEqualWeightTheMoreExactOneThenTheFirst) {
    EXPECT_EQ(of("*/*, text/event-stream"), kFeedType);
    EXPECT_EQ(of("text/*, */*"), kFeedType);
    EXPECT_EQ(of("text/event-stream, application/json"), kFeedType);
    EXPECT_EQ(of("application/json, text/event-stream"), kJsonType);
}

TEST(MediaTypes, TheRangeThatNamesAnOfferMostExactlyDecidesIt) {
    EXPECT_EQ(of("application/json;q=0, */*"), kCloudBatchType);
    EXPECT_EQ(of("application/*;q=0, */*;q=0.1"), kFeedType);
    EXPECT_EQ(of("*/*;q=0, application/json"), kJsonType);
}

TEST(MediaTypes, NothingIsTakenThatIsNotAskedFor) {
    EXPECT_EQ(of("text/html"), "none");
    EXPECT_EQ(of("text/event-stream", kEventOffers), "none");
    EXPECT_EQ(of("application/json;q=0"), "none");
    EXPECT_EQ(of("*/*;q=0.000"), "none");
    EXPECT_EQ(of("application/cloudevents+json"), "none") << "no prefix of another name";
}

TEST(MediaTypes, ParametersAndWhatIsNoRangeArePassedOver) {
    EXPECT_EQ(of("application/cloudevents-batch+json;charset=utf-8;q=1.0"), kCloudBatchType);
    for (const char* const accept :
         {"json", "/", "text/", "*/json", "text/html;q=2", "a/b;q=0.1234"}) {
        EXPECT_EQ(of(accept), kJsonType) << accept;
    }
    EXPECT_EQ(of("json, text/event-stream"), kFeedType);
}

TEST(MediaTypes, ATypeIsNamedByItselfAlone) {
    EXPECT_TRUE(names_type("text/event-stream, application/cloudevents+json", kCloudEventType));
    EXPECT_FALSE(names_type("text/event-stream, */*", kCloudEventType));
    EXPECT_FALSE(names_type("application/cloudevents+json;q=0", kCloudEventType));
}

}  // namespace
}  // namespace annals::http_door::detail
