// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/entities/entity_store.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "entity_test_support.hpp"

namespace annals::entities {
namespace {

TEST_F(EntityStoreTest, ObjectsGoInAndOutAndEventsHoldTheDifference) {
    WriteOptions options;
    options.actor = "ann";
    const auto made = entities_.create(
        {}, "product", {"7", json(R"({"name":"pen","price":1.50,"tags":["a"]})")}, options
    );
    ASSERT_TRUE(made) << made.error().to_string();
    EXPECT_EQ(made->revision, Revision(0));
    const auto patched = entities_.patch({}, key_, merge(R"({"price":2.00,"tags":null})"));
    ASSERT_TRUE(patched) << patched.error().to_string();
    EXPECT_EQ(patched->revision, Revision(1));
    const auto replaced = entities_.replace({}, key_, json(R"({"name":"pencil","price":2.00})"));
    ASSERT_TRUE(replaced);
    ASSERT_TRUE(entities_.remove({}, key_));

    const auto entity = entities_.get({}, key_, as_of(Revision(2)));
    ASSERT_TRUE(entity) << entity.error().to_string();
    EXPECT_EQ(to_text(entity->document), R"({"name":"pencil","price":2.00})");
    EXPECT_EQ(entity->created.actor, "ann");
    EXPECT_EQ(entity->created.time, made->time);
    EXPECT_EQ(entity->changed.time, replaced->time);
    EXPECT_EQ(entity->hash, documents::hash_of(entity->document));
    const std::vector<std::string> expected{
        R"(product.Created  {"name":"pen","price":1.50,"tags":["a"]})",
        R"(product.Updated application/merge-patch+json {"price":2.00,"tags":null})",
        R"(product.Updated application/merge-patch+json {"name":"pencil"})",
        R"(product.Deleted  {})",
    };
    EXPECT_EQ(events("product-7"), expected);
    // docs/formats/entities.md
    EXPECT_EQ(
        entities_.get({}, key_, as_of(Revision(0)))->hash,
        "76b998c8a4f39f03524609861303b9d669e4e727f5df0c6ee02b5e5f26ebc36e"
    );
    EXPECT_EQ(hash_field("product-7"), entities_.get({}, key_, as_of(Revision(0)))->hash);
}

TEST_F(EntityStoreTest, NullMembersAreStoredWithAJsonPatch) {
    created("7", R"({"a":1,"b":null})");
    ASSERT_TRUE(entities_.replace({}, key_, json(R"({"a":null,"b":null})")));
    EXPECT_EQ(document("7"), R"({"a":null,"b":null})");
    EXPECT_EQ(
        events("product-7")[1],
        R"(product.Updated application/json-patch+json [{"op":"replace","path":"/a","value":null}])"
    );
}

TEST_F(EntityStoreTest, WhatIsDeletedIsShownOnRequestAndBeginsAnewWhenItIsCreatedAgain) {
    created("7", R"({"old":1})");
    ASSERT_TRUE(entities_.remove({}, key_));
    EXPECT_EQ(document("7"), "entity_deleted");
    EXPECT_EQ(document("7", as_of({}, true)), R"({"old":1})");
    EXPECT_EQ(entities_.patch({}, key_, merge("{}")).error().code(), ErrorCode::kEntityDeleted);
    EXPECT_EQ(entities_.remove({}, key_).error().code(), ErrorCode::kEntityDeleted);
    EXPECT_EQ(created("7", R"({"new":2})").revision, Revision(2));
    EXPECT_EQ(document("7"), R"({"new":2})");
    EXPECT_EQ(document("7", as_of(Revision(0))), R"({"old":1})");
}

TEST_F(EntityStoreTest, SaysWhatIsNotThere) {
    EXPECT_EQ(document("7"), "entity_not_found");
    EXPECT_EQ(entities_.remove({}, key_).error().code(), ErrorCode::kEntityNotFound);
    EXPECT_EQ(entities_.history({}, key_).error().code(), ErrorCode::kEntityNotFound);
    EXPECT_EQ(entities_.undo({}, key_, Revision(0)).error().code(), ErrorCode::kEntityNotFound);
    created("7", "{}");
    EXPECT_EQ(document("7", as_of(Revision(1))), "entity_not_found");
    EXPECT_EQ(document("7", as_of(TimeNs(1))), "entity_not_found");
    const auto again = entities_.create({}, "product", {"7", json("{}")});
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code(), ErrorCode::kEntityExists);
    EXPECT_EQ(again.error().field("revision"), "0");
}

TEST_F(EntityStoreTest, RefusesWhatIsNoEntity) {
    const auto code = [](const auto& result) { return result.error().code(); };
    EXPECT_EQ(
        code(entities_.create({}, "product", {"7", json("[]")})), ErrorCode::kInvalidArgument
    );
    EXPECT_EQ(code(entities_.create({}, "", {"7", json("{}")})), ErrorCode::kInvalidArgument);
    EXPECT_EQ(code(entities_.create({}, "a\nb", {"7", json("{}")})), ErrorCode::kInvalidArgument);
    EXPECT_EQ(
        code(entities_.create({}, "p", {std::string(257, 'a'), json("{}")})),
        ErrorCode::kLimitExceeded
    );
    created("7", "{}");
    EXPECT_EQ(code(entities_.patch({}, key_, merge("1"))), ErrorCode::kInvalidArgument);
    EXPECT_EQ(
        code(entities_.patch({}, key_, operations(R"([{"op":"remove","path":"/x"}])"))),
        ErrorCode::kPatchFailed
    );
    EXPECT_EQ(
        code(entities_.remove({}, key_, with_key(std::string(256, 'k')))), ErrorCode::kLimitExceeded
    );
    EXPECT_EQ(events("product-7").size(), 1u);
}

TEST_F(EntityStoreTest, ADocumentThatPatchesMadeTooLargeIsRefused) {
    const std::string half(documents::kDocumentBytesMax / 2, 'a');
    created("7", R"({"a":")" + half + R"("})");
    const auto grown = entities_.patch({}, key_, merge(R"({"b":")" + half + R"("})"));
    ASSERT_FALSE(grown);
    EXPECT_EQ(grown.error().code(), ErrorCode::kLimitExceeded);
}

TEST_F(EntityStoreTest, TheDeepestDocumentWithANullMemberIsReadAgain) {
    std::string deep = "null";
    for (std::size_t i = 0; i < documents::kDepthMax; ++i) {
        deep.insert(0, R"({"n":)").append("}");
    }
    created("7", "{}");
    ASSERT_TRUE(entities_.replace({}, key_, json(deep)));
    EXPECT_EQ(document("7"), deep);
}

TEST_F(EntityStoreTest, AnotherRevisionThanExpectedIsAConflict) {
    created("7", R"({"a":1})");
    ASSERT_TRUE(entities_.patch({}, key_, merge(R"({"a":2})"), expecting(0)));
    for (const auto& result :
         {entities_.patch({}, key_, merge(R"({"a":3})"), expecting(0)),
          entities_.replace({}, key_, json("{}"), expecting(5)),
          entities_.remove({}, key_, expecting(0)),
          entities_.patch({}, {"product", "8"}, merge("{}"), expecting(0))}) {
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().code(), ErrorCode::kConflict);
        ASSERT_NE(result.error().details<model::ConflictDetails>(), nullptr);
    }
    EXPECT_EQ(document("7"), R"({"a":2})");
}

TEST_F(EntityStoreTest, AChangeThatChangesNothingWritesNothing) {
    created("7", R"({"a":1})");
    const auto same = entities_.replace({}, key_, json(R"({"a":1})"));
    ASSERT_TRUE(same);
    EXPECT_TRUE(same->is_unchanged);
    EXPECT_EQ(same->revision, Revision(0));
    EXPECT_EQ(events("product-7").size(), 1u);
}

TEST_F(EntityStoreTest, ReplaceCreatesOnRequest) {
    EXPECT_EQ(entities_.replace({}, key_, json("{}")).error().code(), ErrorCode::kEntityNotFound);
    ASSERT_TRUE(entities_.replace({}, key_, json(R"({"a":1})"), {}, true));
    EXPECT_EQ(document("7"), R"({"a":1})");
}

TEST_F(EntityStoreTest, TheSameKeyMakesAChangeOnce) {
    created("7", R"({"l":[]})");
    const Patch patch = operations(R"([{"op":"add","path":"/l/-","value":1}])");
    const auto first = entities_.patch({}, key_, patch, with_key("k1"));
    ASSERT_TRUE(first) << first.error().to_string();
    EXPECT_FALSE(first->is_replay);
    ASSERT_TRUE(entities_.patch({}, key_, operations(R"([{"op":"add","path":"/l/-","value":2}])")));
    const auto again = entities_.patch({}, key_, patch, with_key("k1"));
    ASSERT_TRUE(again) << again.error().to_string();
    EXPECT_TRUE(again->is_replay);
    EXPECT_EQ(again->revision, first->revision);
    EXPECT_EQ(document("7"), R"({"l":[1,2]})");
    const auto other = entities_.patch({}, key_, merge(R"({"l":[]})"), with_key("k1"));
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().code(), ErrorCode::kIdConflict);
    // The same key of another entity is another change.
    EXPECT_FALSE(entities_.create({}, "product", {"8", json("{}")}, with_key("k1"))->is_replay);
    EXPECT_TRUE(entities_.create({}, "product", {"8", json("{}")}, with_key("k1"))->is_replay);
}

TEST_F(EntityStoreTest, ARetryFindsTheEntityThatWasGivenAnId) {
    const auto first = entities_.create({}, "product", {"", json("{}")}, with_key("k"));
    const auto again = entities_.create({}, "product", {"", json("{}")}, with_key("k"));
    ASSERT_TRUE(first && again);
    EXPECT_TRUE(again->is_replay);
    EXPECT_EQ(again->key.id, first->key.id);
    EXPECT_NE(
        entities_.create({}, "product", {"", json("{}")}, with_key("l"))->key.id, first->key.id
    );
    EXPECT_NE(entities_.create({}, "product", {"", json("{}")})->key.id, first->key.id);
    const std::vector<NewEntity> two{{"", json("{}")}, {"", json("{}")}};
    const auto many = entities_.create_many({}, "cup", two, with_key("k"));
    const auto many_again = entities_.create_many({}, "cup", two, with_key("k"));
    ASSERT_TRUE(many && many_again);
    EXPECT_NE((*many)[0].key.id, (*many)[1].key.id);
    for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ((*many_again)[i].key.id, (*many)[i].key.id);
    ListEntities request;
    request.type = "cup";
    EXPECT_EQ(entities_.count({}, request)->entities, 2u);
}

TEST_F(EntityStoreTest, ARetryOfAConditionalChangeIsAReplayAndNoConflict) {
    created("7", R"({"a":1})");
    WriteOptions options = with_key("k");
    options.expected = Revision(0);
    ASSERT_TRUE(entities_.patch({}, key_, merge(R"({"a":2})"), options));
    const auto again = entities_.patch({}, key_, merge(R"({"a":2})"), options);
    ASSERT_TRUE(again) << again.error().to_string();
    EXPECT_TRUE(again->is_replay);
}

TEST_F(EntityStoreTest, RacingChangesAreAllMade) {
    created("7", R"({"l":[]})");
    constexpr int kThreads = 8;
    constexpr int kEach = 20;
    std::vector<std::thread> threads;
    threads.reserve(kThreads);
    for (int thread = 0; thread < kThreads; ++thread) {
        threads.emplace_back([&] {
            for (int i = 0; i < kEach; ++i) {
                const auto written = entities_.patch(
                    {}, key_, operations(R"([{"op":"add","path":"/l/-","value":1}])")
                );
                ASSERT_TRUE(written) << written.error().to_string();
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    const auto entity = entities_.get({}, key_);
    ASSERT_TRUE(entity);
    EXPECT_EQ(entity->document.find("l")->array().size(), kThreads * kEach);
    EXPECT_EQ(entity->revision, Revision(kThreads * kEach));
}

TEST_F(EntityStoreTest, RacingChangesUnderOneKeyAreMadeOnce) {
    created("7", R"({"l":[]})");
    std::vector<std::thread> threads;
    threads.reserve(4);
    for (int thread = 0; thread < 4; ++thread) {
        threads.emplace_back([&] {
            const auto written = entities_.patch(
                {}, key_, operations(R"([{"op":"add","path":"/l/-","value":1}])"), with_key("one")
            );
            EXPECT_TRUE(written) << written.error().to_string();
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(document("7"), R"({"l":[1]})");
}

TEST_F(EntityStoreTest, ShowsTheStateOfARevisionAndOfATime) {
    const Written first = created("7", R"({"a":0})");
    std::vector<Written> written{first};
    for (int i = 1; i < 4; ++i) {
        const auto patched = entities_.patch({}, key_, merge(R"({"a":)" + std::to_string(i) + "}"));
        ASSERT_TRUE(patched);
        written.push_back(*patched);
    }
    for (std::size_t i = 0; i < written.size(); ++i) {
        const std::string expected = R"({"a":)" + std::to_string(i) + "}";
        EXPECT_EQ(document("7", as_of(Revision(i))), expected);
        const bool has_own_time = i + 1 == written.size() || written[i].time < written[i + 1].time;
        if (has_own_time) EXPECT_EQ(document("7", as_of(written[i].time)), expected);
    }
    EXPECT_EQ(document("7", as_of(TimeNs(first.time.value - 1))), "entity_not_found");
}

TEST_F(EntityStoreTest, HistoryTellsWhoChangedWhat) {
    WriteOptions ann;
    ann.actor = "ann";
    ann.correlation_id = "case-1";
    created("7", R"({"a":1})");
    ASSERT_TRUE(entities_.patch({}, key_, merge(R"({"a":2})"), ann));
    append_raw("product-7", "product.Reviewed", R"({"stars":5})");
    ASSERT_TRUE(entities_.remove({}, key_, ann));
    const auto history = entities_.history({}, key_);
    ASSERT_TRUE(history) << history.error().to_string();
    ASSERT_EQ(history->changes.size(), 3u);
    EXPECT_FALSE(history->next);
    EXPECT_EQ(history->changes[0].kind, ChangeKind::kCreated);
    EXPECT_EQ(to_text(history->changes[0].patch.body), R"({"a":1})");
    EXPECT_EQ(history->changes[1].kind, ChangeKind::kUpdated);
    EXPECT_EQ(history->changes[1].stamp.actor, "ann");
    EXPECT_EQ(history->changes[1].correlation_id, "case-1");
    EXPECT_EQ(to_text(history->changes[1].patch.body), R"({"a":2})");
    EXPECT_EQ(history->changes[2].kind, ChangeKind::kDeleted);
    EXPECT_EQ(history->changes[2].revision, Revision(3));

    const auto page = entities_.history({}, key_, Revision(0), 2);
    ASSERT_TRUE(page);
    EXPECT_EQ(page->changes.size(), 2u);
    EXPECT_EQ(page->next, Revision(2));
}

TEST_F(EntityStoreTest, DiffsTwoRevisionsInEitherDirection) {
    created("7", R"({"a":1,"b":1})");
    ASSERT_TRUE(entities_.patch({}, key_, merge(R"({"a":2})")));
    ASSERT_TRUE(entities_.patch({}, key_, merge(R"({"b":null})")));
    const auto forwards = entities_.diff({}, key_, Revision(0), Revision(2));
    ASSERT_TRUE(forwards);
    EXPECT_EQ(to_text(forwards->patch.body), R"({"a":2,"b":null})");
    const auto backwards = entities_.diff({}, key_, Revision(2), Revision(0));
    ASSERT_TRUE(backwards);
    EXPECT_EQ(to_text(backwards->patch.body), R"({"a":1,"b":1})");
}

TEST_F(EntityStoreTest, UndoGoesBackToARevisionAndKeepsHistory) {
    created("7", R"({"a":1})");
    ASSERT_TRUE(entities_.patch({}, key_, merge(R"({"a":2,"b":3})")));
    const auto undone = entities_.undo({}, key_, Revision(0));
    ASSERT_TRUE(undone) << undone.error().to_string();
    EXPECT_EQ(document("7"), R"({"a":1})");
    ASSERT_TRUE(entities_.remove({}, key_));  // revision 3
    ASSERT_TRUE(entities_.undo({}, key_, Revision(1)));
    EXPECT_EQ(document("7"), R"({"a":2,"b":3})");
    ASSERT_TRUE(entities_.undo({}, key_, Revision(3)));
    EXPECT_EQ(document("7"), "entity_deleted");
    EXPECT_TRUE(entities_.undo({}, key_, Revision(3))->is_unchanged);
    const auto history = entities_.history({}, key_);
    ASSERT_TRUE(history);
    ASSERT_EQ(history->changes.size(), 6u);
    EXPECT_EQ(history->changes[2].undoes_to, Revision(0));
    EXPECT_EQ(history->changes[4].kind, ChangeKind::kCreated);
    EXPECT_EQ(history->changes[4].undoes_to, Revision(1));
    EXPECT_EQ(history->changes[5].kind, ChangeKind::kDeleted);
}

TEST_F(EntityStoreTest, APatchThatMakesNoObjectIsNamedAsThePatch) {
    created("7", R"({"a":1})");
    const std::vector<Patch> patches{
        merge("[]"), merge("3"), operations(R"([{"op":"replace","path":"","value":[]}])")
    };
    for (const Patch& patch : patches) {
        const auto patched = entities_.patch({}, key_, patch);
        ASSERT_FALSE(patched);
        EXPECT_EQ(patched.error().code(), ErrorCode::kInvalidArgument);
        EXPECT_EQ(patched.error().field("field"), "patch");
    }
    EXPECT_EQ(document("7"), R"({"a":1})");
}

TEST_F(EntityStoreTest, MoreFiltersThanAreTakenAreNamedAsTheyWereSent) {
    ListEntities request;
    request.type = "product";
    for (std::size_t i = 0; i <= EntityStore::kFiltersMax; ++i) {
        request.filters.push_back(*parse_filter("n=1"));
    }
    const auto listed = entities_.list({}, request);
    ASSERT_FALSE(listed);
    EXPECT_EQ(listed.error().field("field"), "where");
}

TEST_F(EntityStoreTest, CreatesManyOrNone) {
    std::vector<NewEntity> some{{"1", json("{}")}, {"2", json(R"({"n":2})")}, {"", json("{}")}};
    const auto made = entities_.create_many({}, "product", some);
    ASSERT_TRUE(made) << made.error().to_string();
    ASSERT_EQ(made->size(), 3u);
    EXPECT_EQ((*made)[1].key.id, "2");
    EXPECT_FALSE((*made)[2].key.id.empty());
    EXPECT_EQ(document("2"), R"({"n":2})");

    const auto none = entities_.create_many({}, "product", {});
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_EQ(none.error().field("field"), "entities");
    const auto on_revision = entities_.create_many(
        {}, "product", {{"3", json("{}")}}, expecting(0)
    );
    ASSERT_FALSE(on_revision);
    EXPECT_EQ(on_revision.error().field("field"), "write.expected_revision");

    const auto refused = entities_.create_many(
        {}, "product", {{"3", json("{}")}, {"2", json("{}")}}
    );
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::kEntityExists);
    EXPECT_EQ(refused.error().field("id"), "2");
    EXPECT_EQ(document("3"), "entity_not_found");
    const auto twice = entities_.create_many({}, "product", {{"4", json("{}")}, {"4", json("{}")}});
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error().field("field"), "entities[1].id");
    const auto long_id = entities_.create_many(
        {}, "product", {{"4", json("{}")}, {std::string(257, 'x'), json("{}")}}
    );
    ASSERT_FALSE(long_id);
    EXPECT_EQ(long_id.error().field("field"), "entities[1].id");
    api::ListEntities behind;
    behind.type = "product";
    behind.after.assign(257, 'x');
    const auto listed = entities_.list({}, behind);
    ASSERT_FALSE(listed);
    EXPECT_EQ(listed.error().field("field"), "after") << "which id it is";

    ASSERT_TRUE(entities_.remove({}, {"product", "1"}));
    ASSERT_TRUE(entities_.create_many({}, "product", {{"1", json(R"({"a":1})")}}));
    EXPECT_EQ(document("1"), R"({"a":1})");
}

TEST_F(EntityStoreTest, CreatingManyUnderAKeyIsDoneOnce) {
    const std::vector<NewEntity> some{{"1", json("{}")}, {"2", json("{}")}};
    const auto first = entities_.create_many({}, "product", some, with_key("k"));
    ASSERT_TRUE(first);
    const auto again = entities_.create_many({}, "product", some, with_key("k"));
    ASSERT_TRUE(again) << again.error().to_string();
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_TRUE((*again)[i].is_replay);
        EXPECT_EQ((*again)[i].revision, (*first)[i].revision);
    }
    EXPECT_EQ(events("product-1").size(), 1u);
}

TEST_F(EntityStoreTest, TheKeyOfManyStandsForAllOfThem) {
    const std::vector<NewEntity> some{{"1", json("{}")}, {"2", json("{}")}};
    ASSERT_TRUE(entities_.create_many({}, "product", some, with_key("k")));
    const std::vector<std::vector<NewEntity>> others{
        {{"3", json("{}")}, {"4", json("{}")}},
        {{"1", json("{}")}},
        {{"1", json("{}")}, {"2", json("{}")}, {"3", json("{}")}},
        {{"2", json("{}")}, {"1", json("{}")}},
        {{"1", json("{}")}, {"2", json(R"({"a":1})")}},
    };
    for (const auto& other : others) {
        const auto written = entities_.create_many({}, "product", other, with_key("k"));
        ASSERT_FALSE(written);
        EXPECT_EQ(written.error().code(), ErrorCode::kIdConflict);
    }
    EXPECT_EQ(document("3"), "entity_not_found");
    // Of another type, and under another key, it is another bulk.
    EXPECT_TRUE(entities_.create_many({}, "cup", some, with_key("k")));
    EXPECT_TRUE(entities_.create_many({}, "product", {{"3", json("{}")}}, with_key("l")));
    // What became of them meanwhile does not matter.
    ASSERT_TRUE(entities_.remove({}, {"product", "1"}));
    const auto again = entities_.create_many({}, "product", some, with_key("k"));
    ASSERT_TRUE(again) << again.error().to_string();
    EXPECT_TRUE((*again)[0].is_replay && (*again)[1].is_replay);
    EXPECT_EQ(document("1"), "entity_deleted");
}

TEST_F(EntityStoreTest, ARetryOfWhatChangedNothingDoesNotUndoWhatCameAfterIt) {
    created("7", R"({"n":1})");
    const auto replace = [&] {
        return entities_.replace({}, key_, json(R"({"n":1})"), with_key("k"), false);
    };
    const auto first = replace();
    ASSERT_TRUE(first) << first.error().to_string();
    EXPECT_TRUE(first->is_unchanged);
    EXPECT_EQ(first->revision, Revision(1));
    ASSERT_TRUE(entities_.patch({}, key_, merge(R"({"n":2})")));
    const auto again = replace();
    ASSERT_TRUE(again) << again.error().to_string();
    EXPECT_TRUE(again->is_replay);
    EXPECT_TRUE(again->is_unchanged);
    EXPECT_EQ(again->revision, first->revision);
    EXPECT_EQ(document("7"), R"({"n":2})");
    EXPECT_EQ(cold("7").document, R"({"n":2})");
    // Without a key nothing is left behind.
    ASSERT_TRUE(entities_.replace({}, key_, json(R"({"n":2})")));
    EXPECT_EQ(events("product-7").size(), 3u);
    // Nor is what is deleted made again.
    ASSERT_TRUE(entities_.remove({}, key_));
    const auto undone = entities_.undo({}, key_, Revision(3), with_key("u"));
    ASSERT_TRUE(undone) << undone.error().to_string();
    EXPECT_TRUE(undone->is_unchanged);
    EXPECT_EQ(document("7"), "entity_deleted");
}

TEST_F(EntityStoreTest, SaysWhatThereIsWhereSomethingIsAskedForThatIsNot) {
    created("7", "{}");
    const auto later = entities_.get({}, key_, as_of(Revision(9)));
    ASSERT_FALSE(later);
    EXPECT_EQ(later.error().code(), ErrorCode::kEntityNotFound);
    EXPECT_EQ(later.error().field("newest"), "0");
    const auto before = entities_.get({}, key_, as_of(TimeNs(1)));
    ASSERT_FALSE(before);
    EXPECT_EQ(before.error().code(), ErrorCode::kEntityNotFound);
    EXPECT_NE(before.error().message().find("at that time"), std::string::npos);
}

TEST_F(EntityStoreTest, ListsPagesThatMeetTheFilters) {
    for (int i = 0; i < 30; ++i) {
        const std::string id = (i < 10 ? "0" : "") + std::to_string(i);
        created(
            id, R"({"n":)" + std::to_string(i) + R"(,"kind":")" + (i % 2 ? "odd" : "even") + R"("})"
        );
    }
    ASSERT_TRUE(entities_.create({}, "product-line", {"00", json("{}")}));
    ASSERT_TRUE(entities_.remove({}, {"product", "04"}));
    ListEntities request;
    request.type = "product";
    std::vector<std::string> ids;
    int pages = 0;
    do {
        const auto page = entities_.list({}, request);
        ASSERT_TRUE(page) << page.error().to_string();
        for (const Entity& entity : page->entities) ids.push_back(entity.key.id);
        request.after = page->next;
        ++pages;
    } while (!request.after.empty());
    EXPECT_EQ(ids.size(), 29u);
    EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
    EXPECT_EQ(pages, 3);

    request = {};
    request.type = "product";
    request.filters.push_back({{"kind"}, Comparison::kEqual, Value("even")});
    request.filters.push_back({{"n"}, Comparison::kGreaterOrEqual, json("20")});
    const auto page = entities_.list({}, request);
    ASSERT_TRUE(page);
    ASSERT_EQ(page->entities.size(), 5u);
    EXPECT_EQ(page->entities[0].key.id, "20");
    EXPECT_EQ(page->next, "");
    const auto count = entities_.count({}, request);
    ASSERT_TRUE(count);
    EXPECT_EQ(count->entities, 5u);

    request.filters = {{{"n"}, Comparison::kEqual, json("4.0")}};
    EXPECT_EQ(entities_.count({}, request)->entities, 0u);
    request.with_deleted = true;
    EXPECT_EQ(entities_.count({}, request)->entities, 1u);
}

TEST_F(EntityStoreTest, AListEndsAtItsDeadline) {
    created("7", "{}");
    api::CallContext context;
    context.deadline_ns = 0;
    ListEntities request;
    request.type = "product";
    EXPECT_EQ(entities_.list(context, request).error().code(), ErrorCode::kDeadlineExceeded);
}

TEST(EntityKeyTest, NoTwoKeysShareAStream) {
    EXPECT_EQ(stream_of({"product", "7"}), "product-7");
    EXPECT_EQ(stream_of({"product-line", "7"}), "product%2dline-7");
    EXPECT_EQ(stream_of({"product", "line-7"}), "product-line-7");
    EXPECT_EQ(stream_of({"$a", "7"}), "%24a-7");
    EXPECT_EQ(stream_of({"a%2d", "7"}), "a%252d-7");
    EXPECT_EQ(id_of_stream("product-line-7"), "line-7");
}

}  // namespace
}  // namespace annals::entities
