// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// Entities whose old events are hidden (docs/adr/0020).
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "annals/commit/testing/hand_clock.hpp"
#include "annals/entities/read_model.hpp"

#include "entity_test_support.hpp"

namespace annals::entities {
namespace {

std::string number(int n) { return R"({"n":)" + std::to_string(n) + "}"; }

class EntityRetentionTest : public EntityStoreTest {
  protected:
    /// A document of two members, of which the patches change one.
    void create_and_patch(int patches) {
        created("7", R"({"kept":true,"n":0})");
        for (int i = 1; i <= patches; ++i) {
            ASSERT_TRUE(entities_.patch({}, key_, merge(number(i))));
        }
    }
    void truncate(std::uint64_t before, const std::string& stream = "product-7") {
        ASSERT_TRUE(store().truncate_stream({}, {stream, Revision(before), {}}));
    }
    void set(const model::StreamMetadata& metadata) {
        api::SetMetadataRequest request;
        request.target.category = "product";
        request.metadata = metadata;
        ASSERT_TRUE(store().set_stream_metadata({}, request));
    }
    /// The same of who has it in memory, of who has a snapshot, and of who has neither.
    void expect_everywhere(const std::string& answer) {
        EXPECT_EQ(document("7"), answer);
        EXPECT_EQ(cold("7").document, answer);
        ASSERT_TRUE(store().delete_snapshots({}, {"product-7", "", {}}));
        EXPECT_EQ(cold("7").document, answer);
        EXPECT_EQ(document("7"), answer);
    }
    EntityPage listed(ReadModel* model = nullptr) {
        EntityStore entities(store(), model);
        ListEntities request;
        request.type = "product";
        const auto page = entities.list({}, request);
        EXPECT_TRUE(page) << page.error().to_string();
        return page ? *page : EntityPage();
    }
    template <typename Answer>
    static std::string code_of(const Answer& answer) {
        return answer ? "ok" : std::string(answer.error().info().name);
    }
};

TEST_F(EntityRetentionTest, AHiddenBeginningIsOneAnswerWithAndWithoutMemoryAndSnapshots) {
    create_and_patch(150);
    EXPECT_EQ(document("7"), R"({"kept":true,"n":150})");
    truncate(145);
    EXPECT_FALSE(direct_.try_get({}, key_, {}));
    EXPECT_EQ(code_of(entities_.patch({}, key_, merge(number(151)))), "entity_unreadable");
    EXPECT_EQ(code_of(entities_.create({}, "product", {"7", json("{}")})), "entity_unreadable");
    for (const std::uint64_t revision : {145u, 147u, 150u}) {
        EXPECT_EQ(document("7", as_of(Revision(revision))), "entity_unreadable");
    }
    EXPECT_EQ(document("7", as_of(Revision(144))), "entity_not_found");
    const auto entity = entities_.get({}, key_);
    ASSERT_FALSE(entity);
    EXPECT_EQ(entity.error().field("reason"), "hidden");
    EXPECT_EQ(entity.error().field("revision"), "145");
    expect_everywhere("entity_unreadable");
    EXPECT_EQ(events("product-7").size(), 6u);  // nothing was written meanwhile
    // Shown again, it is as it was.
    api::SetMetadataRequest request;
    request.target.stream = "product-7";
    ASSERT_TRUE(store().set_stream_metadata({}, request));
    expect_everywhere(R"({"kept":true,"n":150})");
}

TEST_F(EntityRetentionTest, AReplacedOneIsReadableAgainAndADeletedOneIsDeleted) {
    create_and_patch(100);
    truncate(99);
    const auto replaced = entities_.replace({}, key_, json(number(5)), expecting(100));
    ASSERT_TRUE(replaced) << replaced.error().to_string();
    EXPECT_EQ(replaced->revision, Revision(101));
    expect_everywhere(number(5));
    ASSERT_TRUE(entities_.patch({}, key_, merge(number(6))));
    truncate(102);
    expect_everywhere("entity_unreadable");
    EXPECT_EQ(code_of(entities_.remove({}, key_, expecting(101))), "conflict");
    ASSERT_TRUE(entities_.remove({}, key_, expecting(102)));
    expect_everywhere("entity_deleted");
    GetOptions deleted;
    deleted.with_deleted = true;
    EXPECT_EQ(document("7", deleted), "entity_unreadable");
    created("7", number(7));
    expect_everywhere(number(7));
}

TEST_F(EntityRetentionTest, ACreationThatIsShownIsBeginningEnough) {
    create_and_patch(20);
    ASSERT_TRUE(entities_.remove({}, key_));
    created("7", number(0));
    for (int i = 1; i <= 100; ++i) ASSERT_TRUE(entities_.patch({}, key_, merge(number(i))));
    truncate(22);
    expect_everywhere(number(100));
    const Entity warm = *entities_.get({}, key_);
    const Entity fresh = *EntityStore(store()).get({}, key_, {});
    EXPECT_EQ(warm.created, fresh.created);
    truncate(23);
    expect_everywhere("entity_unreadable");
}

TEST_F(EntityRetentionTest, WhereAllIsHiddenThereIsNothingAndACreationGoesOn) {
    create_and_patch(20);
    EXPECT_EQ(document("7"), R"({"kept":true,"n":20})");
    truncate(21);
    expect_everywhere("entity_not_found");
    const auto made = entities_.create({}, "product", {"7", json(number(1))});
    ASSERT_TRUE(made) << made.error().to_string();
    EXPECT_EQ(made->revision, Revision(21));
    expect_everywhere(number(1));
}

TEST_F(EntityRetentionTest, OtherEventsOfATruncatedStreamAreNoEntity) {
    for (int i = 0; i < 5; ++i) append_raw("product-7", "product.Painted", "red");
    truncate(3);
    expect_everywhere("entity_not_found");
    EXPECT_TRUE(listed().unreadable.empty());
    created("7", number(1));
    expect_everywhere(number(1));
}

TEST_F(EntityRetentionTest, AnEntityThatIsCountedOutKeepsItsDocument) {
    set({.max_count = 3});
    create_and_patch(200);
    expect_everywhere(R"({"kept":true,"n":200})");
    EXPECT_EQ(events("product-7").size(), 3u);
    ASSERT_TRUE(entities_.undo({}, key_, Revision(199)));
    expect_everywhere(R"({"kept":true,"n":199})");
    // Also of changes that are made at once.
    EXPECT_TRUE(direct_.try_get({}, key_, {}));
    const Entity warm = *entities_.get({}, key_);
    const Entity fresh = *EntityStore(store()).get({}, key_, {});
    EXPECT_EQ(warm.created, fresh.created);
    EXPECT_EQ(warm.hash, fresh.hash);
    for (int i = 0; i < 3; ++i) append_raw("product-7", "product.Painted", "red");
    expect_everywhere("entity_not_found");
}

TEST_F(EntityRetentionTest, WhatWasThereBeforeTheRetentionIsUnreadableUntilItIsReplaced) {
    create_and_patch(20);
    set({.max_count = 3});
    expect_everywhere("entity_unreadable");
    ASSERT_TRUE(entities_.replace({}, key_, json(R"({"kept":true,"n":0})")));
    for (int i = 1; i <= 20; ++i) ASSERT_TRUE(entities_.patch({}, key_, merge(number(i))));
    expect_everywhere(R"({"kept":true,"n":20})");
}

TEST_F(EntityRetentionTest, WhatIsShownAgainCountsAlsoForWhatIsKnown) {
    WriteOptions options;
    options.actor = "first";
    ASSERT_TRUE(entities_.create({}, "product", {"7", json(number(0))}, options));
    set({.max_count = 100});
    options.actor = "later";
    for (int i = 1; i <= 150; ++i)
        ASSERT_TRUE(entities_.patch({}, key_, merge(number(i)), options));
    const auto created_by = [&](EntityStore& entities) {
        const auto entity = entities.get({}, key_, {});
        return entity ? entity->created.actor : std::string(entity.error().info().name);
    };
    EXPECT_EQ(created_by(direct_), "later");  // in memory and in a snapshot from here on
    EXPECT_GT(direct_.snapshot_counts().stored, 0u);
    set({});
    EntityStore fresh(store());
    EXPECT_EQ(created_by(fresh), "first");
    EXPECT_GT(fresh.snapshot_counts().rejected, 0u);
    EXPECT_EQ(created_by(direct_), "first");
}

TEST_F(EntityRetentionTest, WhereNoChangeIsShownNothingIsKnownOfWhatWasBefore) {
    created("7", number(1));
    for (int i = 0; i < 20; ++i) append_raw("product-7", "product.Painted", "red");
    truncate(5);
    expect_everywhere("entity_not_found");  // that is in memory now
    api::SetMetadataRequest everything;
    everything.target.stream = "product-7";
    ASSERT_TRUE(store().set_stream_metadata({}, everything));
    expect_everywhere(number(1));
    truncate(5);
    expect_everywhere("entity_not_found");
    append_raw("product-7", "product.Updated", number(2));
    expect_everywhere("entity_unreadable");
}

TEST_F(EntityRetentionTest, ListsNameTheUnreadableWithAndWithoutAModel) {
    ReadModelOptions options;
    options.is_in_memory = true;
    auto model = ReadModel::open(store(), options);
    ASSERT_TRUE(model);
    create_and_patch(20);
    created("8", number(1));
    EXPECT_EQ(listed(model->get()).entities.size(), 2u);
    truncate(5);
    for (ReadModel* one : {static_cast<ReadModel*>(nullptr), model->get()}) {
        const EntityPage page = listed(one);
        ASSERT_EQ(page.entities.size(), 1u);
        EXPECT_EQ(page.entities[0].key.id, "8");
        ASSERT_EQ(page.unreadable.size(), 1u);
        EXPECT_EQ(page.unreadable[0].id, "7");
        EXPECT_EQ(page.unreadable[0].revision, Revision(20));
    }
}

TEST(EntityRetention, AnEntityThatAgesKeepsItsDocumentWhileItsLastChangeIsShown) {
    commit::testing::HandClock clock;
    namespaces::testing::MemoryStore memory(&clock);
    EntityStore entities(memory.store());
    const EntityKey key{"product", "7"};
    const auto document = [&](EntityStore& store) {
        const auto entity = store.get({}, key, {});
        return entity ? to_text(entity->document) : std::string(entity.error().info().name);
    };
    const auto pass = [&](std::int64_t seconds) { clock.pass(seconds * 1'000'000'000); };
    api::SetMetadataRequest request;
    request.target.category = "product";
    request.metadata.max_age_s = 100;
    ASSERT_TRUE(memory.store().set_stream_metadata({}, request));
    ASSERT_TRUE(entities.create({}, "product", {"7", json(R"({"kept":true,"n":0})")}, {}));
    for (int i = 1; i <= 20; ++i) {
        pass(30);
        ASSERT_TRUE(entities.patch({}, key, merge(number(i)), {}));
        EntityStore fresh(memory.store());
        const std::string expected = R"({"kept":true,"n":)" + std::to_string(i) + "}";
        EXPECT_EQ(document(entities), expected);
        EXPECT_EQ(document(fresh), expected);
    }
    pass(101);
    EntityStore fresh(memory.store());
    EXPECT_EQ(document(entities), "entity_not_found");
    EXPECT_EQ(document(fresh), "entity_not_found");
    const auto made = entities.create({}, "product", {"7", json("{}")}, {});
    ASSERT_TRUE(made) << made.error().to_string();
    EXPECT_EQ(made->revision, Revision(21));
}

}  // namespace
}  // namespace annals::entities
