// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// Entities that other doors wrote so that nobody can read them.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "annals/entities/entity_types.hpp"

#include "entity_test_support.hpp"

namespace annals::entities {
namespace {

class EntityUnreadableTest : public EntityStoreTest {
  protected:
    void SetUp() override {
        created("6", R"({"n":6})");
        append_raw("product-7", "product.Created", "plain text");
        created("8", R"({"n":8})");
        append_raw("product-8", "product.Updated", R"("text")");
        created("9", R"({"n":9})");
    }
    ListEntities everything() {
        ListEntities request;
        request.type = "product";
        return request;
    }
    const EntityKey updated_{"product", "8"};
};

TEST_F(EntityUnreadableTest, DoesNotBreakTheListOfItsType) {
    const auto page = entities_.list({}, everything());
    ASSERT_TRUE(page) << page.error().to_string();
    ASSERT_EQ(page->entities.size(), 2u);
    EXPECT_EQ(page->entities[0].key.id, "6");
    EXPECT_EQ(page->entities[1].key.id, "9");
    ASSERT_EQ(page->unreadable.size(), 2u);
    EXPECT_EQ(page->unreadable[0].id, "7");
    EXPECT_EQ(page->unreadable[0].revision, Revision(0));
    EXPECT_EQ(page->unreadable[1].id, "8");
    EXPECT_EQ(page->unreadable[1].revision, Revision(1));
    EXPECT_EQ(page->unreadable[1].problem, entities_.get({}, updated_).error().message());
    const auto count = entities_.count({}, everything());
    ASSERT_TRUE(count);
    EXPECT_EQ(count->entities, 2u);
    EXPECT_EQ(count->unreadable, 2u);
}

TEST_F(EntityUnreadableTest, CountsInTheLimitOfAPage) {
    ListEntities request = everything();
    request.limit = 2;
    const auto first = entities_.list({}, request);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->entities.size(), 1u);
    EXPECT_EQ(first->unreadable.size(), 1u);
    EXPECT_EQ(first->next, "7");
    request.after = first->next;
    const auto second = entities_.list({}, request);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->entities.size(), 1u);
    EXPECT_EQ(second->unreadable.size(), 1u);
}

TEST_F(EntityUnreadableTest, IsNamedUnderAFilterAndWhenItIsDeletedOnlyWhereThatIsAsked) {
    ListEntities request = everything();
    request.filters.push_back(*parse_filter("n=9"));
    auto page = entities_.list({}, request);
    ASSERT_TRUE(page);
    EXPECT_EQ(page->entities.size(), 1u);
    EXPECT_EQ(page->unreadable.size(), 2u);
    ASSERT_TRUE(entities_.remove({}, key_));
    EXPECT_EQ(entities_.list({}, request)->unreadable.size(), 1u);
    request.with_deleted = true;
    EXPECT_EQ(entities_.list({}, request)->unreadable.size(), 2u);
}

TEST_F(EntityUnreadableTest, ItsHistorySaysWhichEventIsNoChange) {
    const auto history = entities_.history({}, updated_);
    ASSERT_TRUE(history) << history.error().to_string();
    ASSERT_EQ(history->changes.size(), 2u);
    EXPECT_EQ(history->changes[0].problem, "");
    EXPECT_EQ(to_text(history->changes[0].patch.body), R"({"n":8})");
    EXPECT_NE(history->changes[1].problem, "");
    EXPECT_EQ(history->changes[1].kind, ChangeKind::kUpdated);
    EXPECT_EQ(history->changes[1].revision, Revision(1));
}

TEST_F(EntityUnreadableTest, IsNeitherPatchedNorCreatedOver) {
    const auto patched = entities_.patch({}, updated_, merge(R"({"a":1})"));
    ASSERT_FALSE(patched);
    EXPECT_EQ(patched.error().code(), ErrorCode::kEntityUnreadable);
    EXPECT_NE(patched.error().message().find("replace it"), std::string::npos);
    const auto made = entities_.create({}, "product", {"8", json("{}")});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code(), ErrorCode::kEntityUnreadable);
    EXPECT_EQ(events("product-8").size(), 2u);
}

TEST_F(EntityUnreadableTest, IsReplacedOnItsRevision) {
    const auto late = entities_.replace({}, updated_, json(R"({"n":1})"), expecting(0));
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code(), ErrorCode::kConflict);
    const auto replaced = entities_.replace({}, updated_, json(R"({"n":1})"), expecting(1));
    ASSERT_TRUE(replaced) << replaced.error().to_string();
    EXPECT_EQ(document("8"), R"({"n":1})");
    EXPECT_EQ(cold("8").document, R"({"n":1})");
    EXPECT_TRUE(entities_.replace({}, key_, json("{}"), {}, true));
    EXPECT_EQ(document("7"), "{}");
    EXPECT_TRUE(entities_.list({}, everything())->unreadable.empty());
}

TEST_F(EntityUnreadableTest, IsDeletedAndThenCreatedAnew) {
    ASSERT_TRUE(entities_.remove({}, updated_, expecting(1)));
    EXPECT_EQ(document("8"), "entity_deleted");
    EXPECT_EQ(cold("8").document, "entity_deleted");
    const auto again = entities_.remove({}, updated_);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code(), ErrorCode::kEntityDeleted);
    created("8", R"({"m":1})");
    EXPECT_EQ(document("8"), R"({"m":1})");
}

TEST_F(EntityUnreadableTest, IsUndoneToARevisionThatCanBeRead) {
    const auto not_there = entities_.undo({}, updated_, Revision(1));
    ASSERT_FALSE(not_there);
    EXPECT_EQ(not_there.error().code(), ErrorCode::kEntityUnreadable);
    const auto undone = entities_.undo({}, updated_, Revision(0));
    ASSERT_TRUE(undone) << undone.error().to_string();
    EXPECT_EQ(undone->revision, Revision(2));
    EXPECT_EQ(document("8"), R"({"n":8})");
    EXPECT_EQ(entities_.history({}, updated_)->changes.back().undoes_to, Revision(0));
}

TEST_F(EntityUnreadableTest, IsAmongWhatASchemaWouldRefuse) {
    CheckSchema request;
    request.type = "product";
    request.schema = json(R"({"type":"object"})");
    request.is_against_data = true;
    const auto report = make_entity_types(store())->check({}, request);
    ASSERT_TRUE(report) << report.error().to_string();
    EXPECT_EQ(report->looked_at, 4u);
    EXPECT_EQ(report->failed, 2u);
    ASSERT_EQ(report->failures.size(), 2u);
    EXPECT_EQ(report->failures[0].id, "7");
    EXPECT_EQ(report->failures[0].violations, 0u);
    EXPECT_NE(report->failures[0].first.message, "");
}

}  // namespace
}  // namespace annals::entities
