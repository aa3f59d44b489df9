// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "series.hpp"

#include <string>

#include <gtest/gtest.h>
#include <prometheus/text_serializer.h>

namespace metrics {
namespace {

void take_one(Totals& totals, const std::string& stream, const std::string& type) {
    annals::Event event;
    event.stream = stream;
    event.type = type;
    event.data = "{}";
    totals.take(event);
}

std::string shown(const Progress& progress) {
    return prometheus::TextSerializer().Serialize(series_of(progress, "shop"));
}

bool has_line(const std::string& text, const std::string& line) {
    return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST(Series, CountUnderEskitsNamesAndOurs) {
    Progress progress;
    progress.is_live = true;
    Totals& totals = progress.count.totals;
    take_one(
        totals,
        "contracts.eventstore.types.RegisterType-a.User",
        "contracts.eventstore.types.RegisterType.Created"
    );
    for (int number = 0; number < 3; ++number) take_one(totals, "a.User-1", "a.User.Updated");
    take_one(totals, "a.User-1", "a.User.Seen");
    take_one(totals, "b.Free-1", "b.Free.Created");
    take_one(totals, "x", "Plain");
    take_one(totals, "x", ".Plain");
    const std::string text = shown(progress);
    for (const char* line : {
             R"(eskit_events_store_total{entity_type="a.User",event_type="Updated"} 3)",
             R"(eskit_events_store_total{entity_type="a.User",event_type="Seen"} 1)",
             R"(eskit_events_store_total{entity_type="b.Free",event_type="Created"} 1)",
             R"(eskit_events_store_total{entity_type="",event_type="Plain"} 2)",
             R"(eskit_events_crud_total{entity_type="a.User",event_type="Updated"} 3)",
             R"(annals_events_total{namespace="shop",type="a.User.Updated"} 3)",
             R"(annals_events_total{namespace="shop",type=".Plain"} 1)",
             "# TYPE eskit_events_store_total counter",
             "# HELP eskit_events_crud_total Total events for the crudstore",
         }) {
        EXPECT_TRUE(has_line(text, line)) << line << "\n" << text;
    }
    EXPECT_EQ(text.find(R"(eskit_events_crud_total{entity_type="b.Free")"), std::string::npos);
    EXPECT_EQ(
        text.find(R"(eskit_events_crud_total{entity_type="a.User",event_type="Seen")"),
        std::string::npos
    );
}

TEST(Series, HaveABoundedNumberOfTypes) {
    Progress progress;
    progress.is_live = true;
    for (std::size_t number = 0; number < Totals::kTypesMax + 7; ++number) {
        take_one(progress.count.totals, "a", "T" + std::to_string(number) + ".Made");
    }
    const std::string text = shown(progress);
    EXPECT_TRUE(has_line(text, R"(eskit_events_store_total{entity_type="",event_type=""} 7)"));
    EXPECT_TRUE(has_line(text, R"(annals_events_total{namespace="shop",type=""} 7)"));
    for (const auto& family : series_of(progress, "shop")) {
        EXPECT_LE(family.metric.size(), Totals::kTypesMax + 1) << family.name;
    }
}

TEST(Series, ShowNoTotalsBeforeTheyAreLive) {
    Progress progress;
    take_one(progress.count.totals, "a", "Made");
    EXPECT_EQ(shown(progress).find("events_"), std::string::npos) << shown(progress);
    EXPECT_TRUE(has_line(shown(progress), R"(annals_metrics_live{namespace="shop"} 0)"));
}

}  // namespace
}  // namespace metrics
