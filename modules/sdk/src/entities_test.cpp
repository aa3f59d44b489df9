// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "annals/typed.hpp"

#include "sdk_test_support.hpp"

namespace annals {
namespace {

using testing::failure_of;
using testing::memory_store;

struct Product {
    std::string name;
    int price = 0;
    bool operator==(const Product&) const = default;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Product, name, price)

TEST(Entities, AreCreatedTogetherOrNotAtAll) {
    const Entities<Product> products(memory_store(), "product");
    const std::vector<Written> written = products.create_many(
        {{"p1", {"tea", 250}}, {"p2", {"milk", 90}}, {"", {"salt", 50}}}
    );
    ASSERT_EQ(written.size(), 3u);
    EXPECT_EQ(written[1].id, "p2");
    EXPECT_FALSE(written[2].id.empty());
    EXPECT_EQ(products.count(), 3u);
    EXPECT_EQ(
        failure_of([&] { products.create_many({{"p3", {}}, {"p1", {}}}); }).code(),
        ErrorCode::kEntityExists
    );
    EXPECT_EQ(products.count(), 3u);
}

TEST(Entities, FindAnswersNothingForWhatIsNotThere) {
    const Entities<Product> products(memory_store(), "product");
    products.create("p1", {"tea", 250});
    ASSERT_TRUE(products.find("p1"));
    EXPECT_EQ(products.find("p1")->value, (Product{"tea", 250}));
    EXPECT_FALSE(products.find("p2"));
    products.remove("p1");
    EXPECT_FALSE(products.find("p1"));
    const Entity<Product> last = products.get("p1", {}, true);
    EXPECT_TRUE(last.is_deleted);
    EXPECT_EQ(last.value.name, "tea");
}

TEST(Entities, TellTwoRevisionsApart) {
    const Entities<Product> products(memory_store(), "product");
    products.create("p1", {"tea", 250}, {.actor = "ann"});
    products.update("p1", [](Product& product) { product.price = 275; }, {.actor = "bob"});
    const Difference<Product> difference = products.diff("p1", Revision(0), Revision(1));
    EXPECT_EQ(difference.before.value.price, 250);
    EXPECT_EQ(difference.after.value.price, 275);
    EXPECT_FALSE(difference.is_json_patch);
    EXPECT_EQ(difference.patch, (nlohmann::json{{"price", 275}}));
    const Entity<Product> now = products.get("p1");
    EXPECT_EQ(now.created_by, "ann");
    EXPECT_EQ(now.changed_by, "bob");
    EXPECT_GE(now.changed_time, now.created_time);
}

TEST(Entities, UpdateKeepsWhatTheStructDoesNotKnow) {
    const Client client = memory_store();
    const Documents documents(client, "product");
    documents.create("p1", R"({"name":"tea","price":250,"origin":{"country":"India"}})");
    const Entities<Product> products(client, "product");
    products.update("p1", [](Product& product) { product.price = 275; });
    EXPECT_EQ(
        nlohmann::json::parse(documents.get("p1").json),
        nlohmann::json::parse(R"({"name":"tea","price":275,"origin":{"country":"India"}})")
    );
    EXPECT_TRUE(products.update("p1", [](Product&) {}).is_unchanged);
}

TEST(MergePatch, SaysWhatMakesOneOfTheOther) {
    const auto before = nlohmann::json::parse(
        R"({"same":1,"gone":2,"list":[1,2],"inner":{"same":1,"gone":true,"other":3},"kind":{}})"
    );
    const auto after = nlohmann::json::parse(
        R"({"same":1,"new":"n","list":[2],"inner":{"same":1,"other":4},"kind":5})"
    );
    const nlohmann::json patch = merge_patch_between(before, after);
    EXPECT_EQ(
        patch,
        nlohmann::json::parse(
            R"({"gone":null,"new":"n","list":[2],"inner":{"gone":null,"other":4},"kind":5})"
        )
    );
    nlohmann::json patched = before;
    patched.merge_patch(patch);
    EXPECT_EQ(patched, after);
    EXPECT_TRUE(merge_patch_between(after, after).empty());
}

TEST(Documents, HistorySaysWhoDidWhatWhy) {
    const Documents documents(memory_store(), "product");
    documents.create("p1", R"({"name":"tea"})");
    documents.patch("p1", R"({"price":1})", {.actor = "bob", .correlation_id = "cart-7"});
    const std::vector<Change> history = testing::all_of(documents.history("p1"));
    ASSERT_EQ(history.size(), 2u);
    EXPECT_EQ(history[1].kind, "updated");
    EXPECT_EQ(history[1].actor, "bob");
    EXPECT_EQ(history[1].correlation_id, "cart-7");
    EXPECT_EQ(history[1].patch, R"({"price":1})");
    EXPECT_FALSE(history[1].is_json_patch);
    EXPECT_FALSE(history[1].event_id.empty());
}

}  // namespace
}  // namespace annals
