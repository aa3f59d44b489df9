// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/entities/entity_store.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <future>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "annals/documents/canonical.hpp"
#include "annals/documents/document_text.hpp"
#include "annals/documents/testing/arbitrary_value.hpp"
#include "annals/entities/entity_types.hpp"
#include "annals/namespaces/testing/memory_store.hpp"

namespace annals::entities {
namespace {

using documents::Patch;
using documents::PatchFormat;
using documents::to_text;
using documents::Value;

Value json(std::string_view text) {
    auto value = documents::parse_document(text);
    EXPECT_TRUE(value) << text;
    return value ? *value : Value();
}

Patch merge(std::string_view text) { return {PatchFormat::kMerge, json(text)}; }
Patch operations(std::string_view text) { return {PatchFormat::kJson, json(text)}; }

WriteOptions expecting(std::uint64_t revision) {
    WriteOptions options;
    options.expected = Revision(revision);
    return options;
}

WriteOptions with_key(std::string key) {
    WriteOptions options;
    options.idempotency_key = std::move(key);
    return options;
}

GetOptions as_of(AsOf when, bool with_deleted = false) {
    GetOptions options;
    options.as_of = when;
    options.with_deleted = with_deleted;
    return options;
}

class EntityStoreTest : public testing::Test {
  protected:
    Written created(std::string id, std::string_view document) {
        auto written = entities_.create({}, "product", {std::move(id), json(document)});
        EXPECT_TRUE(written) << written.error().to_string();
        return written ? *written : Written();
    }
    std::string document(const std::string& id, const GetOptions& options = {}) {
        const auto entity = entities_.get({}, {"product", id}, options);
        return entity ? to_text(entity->document) : std::string(entity.error().info().name);
    }
    struct Cold {
        std::string document;
        SnapshotCounts counts;
    };
    /// As a store says it that has nothing in memory.
    Cold cold(const std::string& id) {
        EntityStore entities(store());
        const auto entity = entities.get({}, {"product", id}, {});
        return {
            entity ? to_text(entity->document) : std::string(entity.error().info().name),
            entities.snapshot_counts()
        };
    }
    /// Type, content type and data of each event of the stream.
    std::vector<std::string> events(std::string_view stream) {
        api::ReadRequest request;
        request.stream = stream;
        const auto page = store().read({}, request);
        EXPECT_TRUE(page) << page.error().to_string();
        std::vector<std::string> found;
        if (!page) return found;
        EXPECT_TRUE(page->events.for_each([&](const model::RecordedEvent& event) {
            found.push_back(
                std::string(event.type) + " " + std::string(event.content_type) + " " +
                std::string(event.data)
            );
            return ok();
        }));
        return found;
    }
    /// Of the stream's first event.
    std::string hash_field(std::string_view stream) {
        api::ReadRequest request;
        request.stream = stream;
        request.limit = 1;
        const auto page = store().read({}, request);
        std::string found;
        if (!page) return found;
        EXPECT_TRUE(page->events.for_each([&](const model::RecordedEvent& event) {
            for (const auto& field : event.dialect) {
                if (field.name == "entity.hash") found = field.value;
            }
            return ok();
        }));
        return found;
    }
    void append_raw(
        std::string_view stream,
        std::string_view type,
        std::string_view data,
        std::string_view hash = ""
    ) {
        model::NewEvent event;
        event.type = type;
        event.data = data;
        if (!hash.empty()) event.dialect.push_back({"entity.hash", hash});
        model::AppendRequest request;
        request.stream = stream;
        request.events.push_back(event);
        const auto appended = store().append_and_wait({}, request);
        ASSERT_TRUE(appended) << appended.error().to_string();
    }

    api::EventStore& store() { return memory_.store(); }

    namespaces::testing::MemoryStore memory_;
    EntityStore direct_{memory_.store()};
    api::EntityStore& entities_ = direct_;  // as everybody calls it
    const EntityKey key_{"product", "7"};
};

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
    for (std::size_t i = 0; i < documents::kDepthMax; ++i) deep = R"({"n":)" + deep + "}";
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
    constexpr int kThreads = 3;
    constexpr int kEach = 20;
    std::vector<std::thread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
        threads.emplace_back([&] {
            for (int i = 0; i < kEach;) {
                const auto written = entities_.patch(
                    {}, key_, operations(R"([{"op":"add","path":"/l/-","value":1}])")
                );
                // Who lost kAttemptsMax races in a row may try again.
                if (written)
                    ++i;
                else
                    ASSERT_EQ(written.error().code(), ErrorCode::kConflict);
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

TEST_F(EntityStoreTest, CreatesManyOrNone) {
    std::vector<NewEntity> some{{"1", json("{}")}, {"2", json(R"({"n":2})")}, {"", json("{}")}};
    const auto made = entities_.create_many({}, "product", some);
    ASSERT_TRUE(made) << made.error().to_string();
    ASSERT_EQ(made->size(), 3u);
    EXPECT_EQ((*made)[1].key.id, "2");
    EXPECT_FALSE((*made)[2].key.id.empty());
    EXPECT_EQ(document("2"), R"({"n":2})");

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

TEST_F(EntityStoreTest, AReplayThatGoesWrongIsNoticed) {
    created("7", R"({"a":1})");
    append_raw("product-7", "product.Updated", R"({"a":2})", std::string(64, '0'));
    const auto entity = entities_.get({}, key_);
    ASSERT_FALSE(entity);
    EXPECT_EQ(entity.error().code(), ErrorCode::kEntityUnreadable);
    EXPECT_EQ(entity.error().field("revision"), "1");
}

TEST_F(EntityStoreTest, ABrokenEventDoesNotMatterOnceItIsCreatedAgain) {
    created("7", R"({"n":0})");
    for (int i = 1; i <= 20; ++i) {
        ASSERT_TRUE(entities_.patch({}, key_, merge(R"({"n":)" + std::to_string(i) + "}")));
    }
    EXPECT_EQ(document("7"), R"({"n":20})");  // in memory from here on
    append_raw("product-7", "product.Updated", "no JSON");
    EXPECT_EQ(document("7"), "entity_unreadable");
    append_raw("product-7", "product.Deleted", "{}");
    EXPECT_EQ(document("7"), "entity_unreadable");
    append_raw("product-7", "product.Created", R"({"m":1})");
    EXPECT_EQ(document("7"), R"({"m":1})");
    EXPECT_EQ(cold("7").document, R"({"m":1})");
    // Also where the beginning is not among the newest events, with and without a snapshot.
    for (int i = 1; i <= 200; ++i) {
        append_raw("product-7", "product.Updated", R"({"n":)" + std::to_string(i) + "}");
    }
    EXPECT_EQ(document("7", as_of(Revision(123))), R"({"m":1,"n":100})");
    EXPECT_EQ(document("7"), R"({"m":1,"n":200})");
    EXPECT_EQ(cold("7").document, R"({"m":1,"n":200})");
    EXPECT_EQ(document("7", as_of(Revision(22), true)), "entity_unreadable");
}

TEST_F(EntityStoreTest, EventsOfOtherDoorsAreFoldedToo) {
    append_raw("product-7", "product.Created", R"({"a":1,"b":{"c":1}})");
    append_raw("product-7", "other.Updated", R"({"b":{"c":null,"d":2}})");
    append_raw("product-7", "product.Painted", R"(red)");
    EXPECT_EQ(document("7"), R"({"a":1,"b":{"d":2}})");
    EXPECT_EQ(entities_.get({}, key_)->revision, Revision(2));
    ASSERT_TRUE(entities_.patch({}, key_, merge(R"({"a":null})"), expecting(2)));
    EXPECT_EQ(document("7"), R"({"b":{"d":2}})");
    append_raw("product-8", "product.Created", "no JSON");
    const auto unreadable = entities_.get({}, {"product", "8"});
    ASSERT_FALSE(unreadable);
    EXPECT_EQ(unreadable.error().code(), ErrorCode::kEntityUnreadable);
}

TEST_F(EntityStoreTest, SnapshotsAreMadeOnTheWayAndDroppingThemChangesNoAnswer) {
    created("7", R"({"n":0})");
    constexpr int kUpdates = 1'000;
    for (int i = 1; i <= kUpdates; ++i) {
        ASSERT_TRUE(entities_.patch({}, key_, merge(R"({"n":)" + std::to_string(i) + "}")));
    }
    const SnapshotCounts counts = direct_.snapshot_counts();
    EXPECT_GE(counts.stored, 10u);
    EXPECT_LE(counts.stored, 20u);
    EXPECT_EQ(cold("7").document, R"({"n":1000})");
    EXPECT_EQ(cold("7").counts.hits, 1u);
    EXPECT_EQ(counts.rejected, 0u);
    EXPECT_EQ(counts.failed, 0u);
    std::vector<std::string> answers;
    for (std::uint64_t revision = 0; revision <= kUpdates; revision += 37) {
        answers.push_back(document("7", as_of(Revision(revision))));
        EXPECT_EQ(answers.back(), R"({"n":)" + std::to_string(revision) + "}");
    }
    answers.push_back(document("7"));
    const auto dropped = store().delete_snapshots({}, {"product-7", "", {}});
    ASSERT_TRUE(dropped);
    EXPECT_EQ(*dropped, counts.stored);
    std::size_t i = 0;
    for (std::uint64_t revision = 0; revision <= kUpdates; revision += 37) {
        EXPECT_EQ(document("7", as_of(Revision(revision))), answers[i++]);
    }
    EXPECT_EQ(document("7"), answers.back());
    EXPECT_EQ(cold("7").document, answers.back());
}

TEST_F(EntityStoreTest, WhatIsInMemoryIsComparedWithTheLog) {
    created("7", R"({"n":0})");
    for (int i = 1; i <= 20; ++i) {
        ASSERT_TRUE(entities_.patch({}, key_, merge(R"({"n":)" + std::to_string(i) + "}")));
    }
    EXPECT_EQ(document("7"), R"({"n":20})");
    // Another door, and more than what is looked at first.
    for (int i = 21; i <= 40; ++i) {
        append_raw("product-7", "product.Updated", R"({"n":)" + std::to_string(i) + "}");
        if (i == 22) EXPECT_EQ(document("7"), R"({"n":22})");
    }
    EXPECT_EQ(document("7"), R"({"n":40})");
    append_raw("product-7", "product.Noted", "{}");
    EXPECT_EQ(document("7"), R"({"n":40})");
    append_raw("product-7", "product.Deleted", "{}");
    EXPECT_EQ(document("7"), "entity_deleted");
    append_raw("product-7", "product.Created", R"({"m":1})");
    EXPECT_EQ(document("7"), R"({"m":1})");
    // A wrong hash is seen also when the events before it are in memory.
    for (int i = 0; i < 12; ++i) append_raw("product-7", "product.Updated", R"({"n":1})");
    EXPECT_EQ(document("7"), R"({"m":1,"n":1})");
    append_raw("product-7", "product.Updated", R"({"n":2})", std::string(64, '0'));
    EXPECT_EQ(document("7"), "entity_unreadable");
    // The stream's end, and a life after it.
    ASSERT_TRUE(store().delete_stream({}, {"product-7", model::ExpectedRevision::any(), ""}));
    EXPECT_EQ(document("7"), "entity_not_found");
    created("7", R"({"new":1})");
    EXPECT_EQ(document("7"), R"({"new":1})");
}

TEST_F(EntityStoreTest, ANamespaceThatIsMadeAgainHasNothingInMemory) {
    api::CallContext context;
    context.name_space = "shop";
    for (const std::string name : {"old", "new"}) {
        ASSERT_TRUE(store().create_namespace({}, "shop"));
        ASSERT_TRUE(entities_.create(context, "product", {"7", json("{}")}, {}));
        for (int i = 1; i <= 12; ++i) {
            const std::string text = "{\"" + name + "\":" + std::to_string(i) + "}";
            ASSERT_TRUE(EntityStore(store()).patch(context, key_, merge(text), {}));
        }
        const auto entity = entities_.get(context, key_, {});
        ASSERT_TRUE(entity) << entity.error().to_string();
        EXPECT_EQ(to_text(entity->document), "{\"" + name + "\":12}");
        ASSERT_TRUE(store().delete_namespace({}, "shop"));
    }
}

TEST_F(EntityStoreTest, AQuickGetSaysWhatGetSaysOrNothing) {
    const auto quick = [&](const GetOptions& options = {}) -> std::string {
        const auto entity = direct_.try_get({}, key_, options);
        if (!entity) return "nothing";
        const auto slow = entities_.get({}, key_, options);
        EXPECT_TRUE(*entity && slow && (*entity)->document == slow->document);
        EXPECT_TRUE(*entity && slow && (*entity)->revision == slow->revision);
        EXPECT_TRUE(*entity && slow && (*entity)->hash == slow->hash);
        EXPECT_TRUE(*entity && slow && (*entity)->created == slow->created);
        return *entity ? to_text((*entity)->document) : "error";
    };
    EXPECT_EQ(quick(), "nothing");
    created("7", R"({"n":0})");
    EXPECT_EQ(quick(), R"({"n":0})");
    EXPECT_EQ(quick(as_of(Revision(0))), "nothing");
    for (int i = 1; i <= 100; ++i) {
        const std::string text = R"({"n":)" + std::to_string(i) + "}";
        ASSERT_TRUE(entities_.replace({}, key_, json(text)));
        ASSERT_TRUE(entities_.get({}, key_));  // the first with many events, to have it in memory
        EXPECT_EQ(quick(), text);
    }
    // Nothing in memory: the events behind the newest are needed.
    EntityStore another(store());
    EXPECT_FALSE(another.try_get({}, key_, {}));
    EXPECT_TRUE(another.get({}, key_, {}));
    EXPECT_TRUE(another.try_get({}, key_, {}));
    // More came by another way than a quick look sees.
    for (int i = 0; i < 9; ++i) append_raw("product-7", "product.Updated", R"({"m":1})");
    EXPECT_FALSE(another.try_get({}, key_, {}));
    EXPECT_TRUE(another.get({}, key_, {}));
    EXPECT_TRUE(another.try_get({}, key_, {}));
    append_raw("product-7", "product.Updated", R"({"m":2})", std::string(64, '0'));
    EXPECT_EQ(quick(), "nothing");
    append_raw("product-7", "product.Deleted", "{}");
    EXPECT_EQ(quick(), "nothing");
    append_raw(
        "product-7", "product.Created", R"({"large":")" + std::string(70'000, 'a') + R"("})"
    );
    EXPECT_EQ(quick(), "nothing");
    append_raw("product-7", "product.Created", R"({"small":1})");
    EXPECT_EQ(quick(), "nothing");  // the large one is among the newest events
}

TEST_F(EntityStoreTest, AQuickChangeDoesWhatTheChangeDoesOrNothing) {
    std::string said;  // written before the waiting ends
    const auto answered = [&](auto attempt) -> std::string {
        std::promise<void> ended;
        said.clear();
        const bool is_taken = attempt([&](Result<Written> written) {
            if (written) {
                said = (written->is_created ? "created " : "changed ") +
                       std::to_string(written->revision.value);
                EXPECT_FALSE(written->position.empty());
                EXPECT_EQ(written->key.id, "7");
            } else {
                said = written.error().info().name;
            }
            ended.set_value();
        });
        if (!is_taken) return "nothing";
        ended.get_future().wait();
        return said;
    };
    const auto create = [&](std::string_view text, const WriteOptions& options = {}) {
        const NewEntity entity{"7", json(text)};
        return answered([&](WriteDone done) {
            return direct_.try_create({}, "product", entity, options, std::move(done));
        });
    };
    const auto patch = [&](const Patch& patch, const WriteOptions& options = {}) {
        return answered([&](WriteDone done) {
            return direct_.try_patch({}, key_, patch, options, std::move(done));
        });
    };
    const auto replace = [&](std::string_view text, bool may_create) {
        return answered([&](WriteDone done) {
            return direct_.try_replace({}, key_, json(text), {}, may_create, std::move(done));
        });
    };
    const auto remove = [&] {
        return answered([&](WriteDone done) {
            return direct_.try_remove({}, key_, {}, std::move(done));
        });
    };
    EXPECT_EQ(patch(merge(R"({"a":1})")), "nothing");
    EXPECT_EQ(create("[]"), "nothing");
    EXPECT_EQ(create(R"({"a":1})", with_key("k")), "nothing");
    EXPECT_EQ(create(R"({"a":1})"), "created 0");
    EXPECT_EQ(create(R"({"a":1})"), "nothing");
    EXPECT_EQ(patch(merge(R"({"a":2,"b":3})")), "changed 1");
    EXPECT_EQ(patch(merge(R"({"a":2})")), "nothing");
    EXPECT_EQ(patch(operations(R"([{"op":"remove","path":"/b"}])")), "nothing");
    EXPECT_EQ(patch(merge(R"({"a":4})"), expecting(0)), "nothing");
    EXPECT_EQ(patch(merge(R"({"a":4})"), expecting(1)), "changed 2");
    EXPECT_EQ(replace(R"({"c":1})", false), "changed 3");
    EXPECT_EQ(remove(), "changed 4");
    EXPECT_EQ(remove(), "nothing");
    EXPECT_EQ(replace(R"({"d":1})", false), "nothing");
    EXPECT_EQ(replace(R"({"d":1})", true), "created 5");
    EXPECT_EQ(
        events("product-7"),
        (std::vector<std::string>{
            R"(product.Created  {"a":1})",
            R"(product.Updated application/merge-patch+json {"a":2,"b":3})",
            R"(product.Updated application/merge-patch+json {"a":4})",
            R"(product.Updated application/merge-patch+json {"a":null,"b":null,"c":1})",
            R"(product.Deleted  {})",
            R"(product.Created  {"d":1})"
        })
    );
    // Many changes, most of them quick; the others keep it so. Snapshots are left as ever.
    int quick = 0;
    for (int i = 1; i <= 300; ++i) {
        const Patch change = merge(R"({"n":)" + std::to_string(i) + "}");
        if (patch(change) != "nothing") {
            ++quick;
        } else {
            ASSERT_TRUE(entities_.patch({}, key_, change, {}));
        }
    }
    EXPECT_GT(quick, 280);
    EXPECT_EQ(cold("7").document, R"({"d":1,"n":300})");
    EXPECT_GE(direct_.snapshot_counts().stored, 3u);
    // What has a schema is validated by who may take his time.
    const auto types = make_entity_types(store());
    PutEntityType type;
    type.type = "product";
    type.schema = json(R"({"type":"object"})");
    ASSERT_TRUE(types->put({}, type));
    EXPECT_EQ(patch(merge(R"({"d":2})")), "nothing");
    ASSERT_TRUE(entities_.patch({}, key_, merge(R"({"d":2})"), {}));
    type.is_validated = false;
    ASSERT_TRUE(types->put({}, type));
    ASSERT_TRUE(entities_.patch({}, key_, merge(R"({"d":3})"), {}));
    EXPECT_EQ(patch(merge(R"({"d":4})")), "changed 308");
}

TEST_F(EntityStoreTest, ASnapshotOfAnotherHistoryIsNotBelieved) {
    created("7", R"({"n":0})");
    for (int i = 1; i <= 200; ++i) {
        ASSERT_TRUE(entities_.patch({}, key_, merge(R"({"n":)" + std::to_string(i) + "}")));
    }
    // One as a copied folder may have it: whole, but made of an event that is not in this log.
    const auto newest = store().load_snapshot({}, {{"product-7", "entity", 1, 1}, {}});
    ASSERT_TRUE(newest && *newest);
    Value body = json((*newest)->data);
    const Value lie = json(R"({"n":"lie"})");
    body.set("document", lie);
    body.set("hash", Value(documents::hash_of(lie)));
    body.set("event", Value("00000000-0000-7000-8000-000000000001"));
    api::Snapshot forged = **newest;
    forged.data = to_text(body);
    for (const std::uint64_t revision : {100u, 150u, 199u}) {
        forged.revision = Revision(revision);
        ASSERT_TRUE(store().store_snapshot({}, forged));
        EXPECT_EQ(cold("7").document, R"({"n":200})");
        EXPECT_EQ(
            document("7", as_of(Revision(revision))), R"({"n":)" + std::to_string(revision) + "}"
        );
    }
    forged.revision = Revision(200);  // the newest, which a cold read takes
    body.set("hash", Value("0"));
    for (const std::string& data : {to_text(body), std::string("junk")}) {
        forged.data = data;
        ASSERT_TRUE(store().store_snapshot({}, forged));
        const Cold read = cold("7");
        EXPECT_EQ(read.document, R"({"n":200})");
        EXPECT_EQ(read.counts.rejected, 1u);
    }
    EXPECT_GE(direct_.snapshot_counts().rejected, 3u);
}

/// Random changes against a plain list of documents, one for each revision.
RC_GTEST_PROP(EntityStoreModel, EveryRevisionIsWhatAPlainModelSays, ()) {
    namespaces::testing::MemoryStore memory;
    EntityStore direct(memory.store());
    api::EntityStore& entities = direct;
    const EntityKey key{"thing", "1"};
    struct Version {
        bool is_live;
        Value document;
    };
    std::vector<Version> model;
    const auto is_live = [&] { return !model.empty() && model.back().is_live; };
    for (int i = documents::testing::below(25) + 5; i > 0; --i) {
        const Value document = documents::testing::arbitrary_object(3);
        switch (documents::testing::below(5)) {
            case 0: {
                const auto made = entities.create({}, key.type, {key.id, document});
                RC_ASSERT(made.has_value() == !is_live());
                if (made) model.push_back({true, document});
                break;
            }
            case 1: {
                const bool was_live = is_live();
                RC_ASSERT(entities.remove({}, key).has_value() == was_live);
                if (was_live) model.push_back({false, model.back().document});
                break;
            }
            case 2: {
                if (model.empty()) break;
                const auto to = static_cast<std::size_t>(
                    documents::testing::below(static_cast<int>(model.size()))
                );
                const auto undone = entities.undo({}, key, Revision(to));
                RC_ASSERT(undone);
                const Version then = model[to];
                if (!undone->is_unchanged) {
                    model.push_back(
                        {then.is_live, then.is_live ? then.document : model.back().document}
                    );
                }
                RC_ASSERT(model.back().is_live == then.is_live);
                break;
            }
            default: {
                const auto replaced = entities.replace({}, key, document);
                RC_ASSERT(replaced.has_value() == is_live());
                if (replaced && !replaced->is_unchanged) model.push_back({true, document});
                break;
            }
        }
        if (!model.empty()) {
            GetOptions options;
            options.with_deleted = true;
            const auto now = entities.get({}, key, options);
            RC_ASSERT(now);
            RC_ASSERT(now->revision == Revision(model.size() - 1));
            RC_ASSERT(now->document == model.back().document);
        }
    }
    for (std::size_t i = 0; i < model.size(); ++i) {
        const auto then = entities.get({}, key, as_of(Revision(i), true));
        RC_ASSERT(then);
        RC_ASSERT(then->is_deleted != model[i].is_live);
        RC_ASSERT(to_text(then->document) == to_text(model[i].document));
    }
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
