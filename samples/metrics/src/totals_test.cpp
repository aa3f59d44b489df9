// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "totals.hpp"

#include <string>

#include <gtest/gtest.h>

namespace metrics {
namespace {

void take(
    Totals& totals, const std::string& stream, const std::string& type, const char* data = "{}"
) {
    annals::Event event;
    event.stream = stream;
    event.type = type;
    event.data = data;
    totals.take(event);
}

constexpr const char* kRegistered = "contracts.eventstore.types.RegisterType-shop.Order";
constexpr const char* kRegister = "contracts.eventstore.types.RegisterType.Created";

TEST(Totals, CountsByType) {
    Totals totals;
    take(totals, "order-1", "Placed");
    take(totals, "order-2", "Placed");
    take(totals, "order-1", "shop.Order.Created");
    take(totals, "$stream", "$server.Event");
    EXPECT_EQ(totals.count(), 3u);
    EXPECT_EQ(totals.others(), 0u);
    EXPECT_EQ(totals.by_type().at("Placed"), 2u);
    EXPECT_EQ(totals.by_type().at("shop.Order.Created"), 1u);
    EXPECT_EQ(totals.by_type().size(), 2u);
}

TEST(Totals, CountsTypesBeyondItsBoundTogether) {
    Totals totals;
    for (std::size_t number = 0; number < Totals::kTypesMax + 5; ++number) {
        take(totals, "a", "T" + std::to_string(number));
    }
    take(totals, "a", "T0");
    take(totals, "a", "T" + std::to_string(Totals::kTypesMax));
    EXPECT_EQ(totals.by_type().size(), Totals::kTypesMax);
    EXPECT_EQ(totals.by_type().at("T0"), 2u);
    EXPECT_EQ(totals.others(), 6u);
    EXPECT_EQ(totals.count(), Totals::kTypesMax + 7);
}

TEST(Totals, KnowsRegisteredTypes) {
    Totals totals;
    take(totals, kRegistered, kRegister, R"({"entityType":"shop.Order"})");
    EXPECT_TRUE(totals.registered().contains("shop.Order"));
    EXPECT_EQ(totals.count(), 1u);  // the registration is an event as others
    take(totals, kRegistered, "contracts.eventstore.types.RegisterType.Deleted");
    EXPECT_TRUE(totals.registered().empty());

    take(totals, "$entity-type-product", "$entity-type-put", R"({"type":"product","version":1})");
    take(totals, "product-1", "$entity-type-put", R"({"type":"forged"})");
    take(totals, "$entity-type-x", "$entity-type-put", "no json");
    EXPECT_EQ(totals.registered(), (std::set<std::string, std::less<>>{"product"}));
    take(totals, "$entity-type-product", "$entity-type-deleted", R"({"type":"product"})");
    EXPECT_TRUE(totals.registered().empty());
}

TEST(Totals, RememberABoundedNumberOfRegisteredTypes) {
    Totals totals;
    for (std::size_t number = 0; number < Totals::kRegisteredMax + 5; ++number) {
        const std::string type = "T" + std::to_string(number);
        take(totals, "contracts.eventstore.types.RegisterType-" + type, kRegister);
    }
    EXPECT_EQ(totals.registered().size(), Totals::kRegisteredMax);
}

TEST(Totals, ReadBackAsWritten) {
    Totals totals;
    take(totals, "a", "ünï \"q\" .b");
    take(totals, kRegistered, kRegister);
    EXPECT_EQ(Totals::from_json(nlohmann::json::parse(totals.to_json().dump())), totals);
    EXPECT_EQ(Totals::from_json(Totals().to_json()), Totals());
    EXPECT_THROW((void)Totals::from_json({{"count", "many"}}), nlohmann::json::exception);
}

TEST(Totals, AreLabelledAsEskitDoes) {
    EXPECT_EQ(labels_of("com.x.Y.Created").entity_type, "com.x.Y");
    EXPECT_EQ(labels_of("com.x.Y.Created").event_type, "Created");
    EXPECT_EQ(labels_of("Created").entity_type, "");
    EXPECT_EQ(labels_of("Created").event_type, "Created");
    for (const char* type : {"Created", "updated", "DELETED"}) EXPECT_TRUE(is_crud(type)) << type;
    for (const char* type : {"", "Create", "Createds", "Placed"}) EXPECT_FALSE(is_crud(type));
}

}  // namespace
}  // namespace metrics
