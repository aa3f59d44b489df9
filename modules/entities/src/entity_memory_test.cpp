// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
// What is folded, what is in memory and what a snapshot says: never another answer.
#include <cstdint>
#include <future>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "annals/documents/canonical.hpp"
#include "annals/entities/entity_types.hpp"

#include "entity_test_support.hpp"
#include "state_snapshot.hpp"

namespace annals::entities {
namespace {

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
    EXPECT_EQ(document("7"), "entity_deleted");
    GetOptions deleted;
    deleted.with_deleted = true;
    EXPECT_EQ(document("7", deleted), "entity_unreadable");
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
    // That there is one is found by the append: create() says it.
    EXPECT_EQ(create(R"({"a":1})"), "conflict");
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
    // The type was missing until now: the append finds that it is there, and patch() reads it.
    EXPECT_EQ(patch(merge(R"({"d":2})")), "conflict");
    EXPECT_EQ(cold("7").document, R"({"d":1,"n":300})");
    ASSERT_TRUE(direct_.patch({}, key_, merge(R"({"d":2})"), {}));
    EXPECT_EQ(patch(merge(R"({"d":2,"e":1})")), "nothing");
    type.is_validated = false;
    ASSERT_TRUE(types->put({}, type));
    ASSERT_TRUE(direct_.patch({}, key_, merge(R"({"d":3})"), {}));
    EXPECT_EQ(patch(merge(R"({"d":4})")), "changed 308");
}

/// Changes of what is in memory, each answered before the next.
class EntityMemoryOfUpdates : public EntityStoreTest {
  protected:
    void patched(std::string_view text, const WriteOptions& options = {}) {
        std::promise<void> answered;
        const bool is_taken =
            direct_.try_patch({}, key_, merge(text), options, [&](const Result<Written>& written) {
                EXPECT_TRUE(written) << written.error().to_string();
                answered.set_value();
            });
        ASSERT_TRUE(is_taken);
        answered.get_future().wait();
    }
    /// So many events, and all again.
    void hold(std::optional<std::uint64_t> max_count) {
        api::SetMetadataRequest request;
        request.target.stream = "product-7";
        request.metadata.max_count = max_count;
        ASSERT_TRUE(store().set_stream_metadata({}, request));
        ASSERT_TRUE(entities_.replace({}, key_, json(R"({"a":0,"text":"b"})")));
    }
    void cut_before(std::uint64_t revision) {
        api::TruncateStreamRequest request;
        request.stream = "product-7";
        request.before = Revision(revision);
        ASSERT_TRUE(store().truncate_stream({}, request));
    }
};

TEST_F(EntityMemoryOfUpdates, WhatAnUpdateMadeIsWhatAFoldGives) {
    created("7", R"({"a":1,"text":"b"})");
    WriteOptions options;
    options.actor = "ann";
    for (int i = 0; i < 40; ++i) {
        if (i == 20) hold(3);
        if (i == 30) hold(std::nullopt);
        options.actor += 'n';
        patched(R"({"a":)" + std::to_string(i) + R"(,"n":1.50})", options);
        const auto kept = direct_.try_get({}, key_, {});
        EntityStore another(store());
        const auto folded = another.get({}, key_, {});
        ASSERT_TRUE(kept && *kept && folded);
        const Entity& entity = **kept;
        EXPECT_EQ(to_text(entity.document), to_text(folded->document));
        EXPECT_EQ(entity.revision, folded->revision);
        EXPECT_EQ(entity.hash, folded->hash);
        EXPECT_EQ(entity.created.time, folded->created.time);
        EXPECT_EQ(entity.created.actor, folded->created.actor);
        EXPECT_EQ(entity.changed.time, folded->changed.time);
        EXPECT_EQ(entity.changed.actor, options.actor);
        EXPECT_EQ(folded->changed.actor, options.actor);
        EXPECT_EQ(entity.position, folded->position);
    }
}

TEST_F(EntityMemoryOfUpdates, WhatIsHiddenOfAShortHistoryIsHiddenAlsoOfWhatIsInMemory) {
    created("7", R"({"a":1,"z":1})");
    patched(R"({"a":2})");
    patched(R"({"a":3,"b":1})");
    EXPECT_EQ(document("7"), R"({"a":3,"b":1,"z":1})");
    cut_before(1);
    const std::string folded = cold("7").document;
    EXPECT_EQ(folded, "entity_unreadable");
    EXPECT_EQ(document("7"), folded);
    EXPECT_FALSE(direct_.try_get({}, key_, {}));
}

TEST_F(EntityMemoryOfUpdates, SnapshotsAreLeftThoughNothingIsFolded) {
    created("7", R"({"n":0})");
    int slow = 0;
    for (int i = 1; i <= 300; ++i) {
        const std::string text = R"({"n":)" + std::to_string(i) + "}";
        std::promise<void> answered;
        const bool is_taken = direct_.try_patch(
            {}, key_, merge(text), {}, [&](const Result<Written>&) { answered.set_value(); }
        );
        if (is_taken) {
            answered.get_future().wait();
        } else {
            ++slow;
            ASSERT_TRUE(entities_.patch({}, key_, merge(text)));
        }
    }
    // One for each snapshot.
    EXPECT_EQ(slow, 4);
    EXPECT_EQ(direct_.snapshot_counts().stored, 4u);
    EXPECT_EQ(cold("7").counts.hits, 1u);
    EXPECT_EQ(cold("7").document, R"({"n":300})");
}

TEST_F(EntityStoreTest, ASnapshotOfAnotherHistoryIsNotBelieved) {
    created("7", R"({"n":0})");
    for (int i = 1; i <= 200; ++i) {
        ASSERT_TRUE(entities_.patch({}, key_, merge(R"({"n":)" + std::to_string(i) + "}")));
    }
    // One as a copied folder may have it: whole, but made of an event that is not in this log.
    const auto newest = store().load_snapshot({}, {snapshot_key_of("product-7"), {}});
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
    EXPECT_GE(direct_.snapshot_counts().rejected, 2u);
}

/// Snapshots that anybody could store: whole, of the right event, of a document that never was.
class EntityForgedSnapshots : public EntityStoreTest {
  protected:
    void SetUp() override {
        created("7", R"({"k":1,"n":0})");
        for (int i = 1; i <= 70; ++i) {
            ASSERT_TRUE(entities_.patch({}, key_, merge(R"({"n":)" + std::to_string(i) + "}")));
        }
        const auto newest = store().load_snapshot({}, {snapshot_key_of("product-7"), {}});
        ASSERT_TRUE(newest && *newest);
        real_ = **newest;
        ASSERT_TRUE(store().delete_snapshots({}, {"product-7", "", {}}));
    }
    /// The only one of the stream is that, from here on.
    void forge(std::uint64_t revision, std::string_view document) {
        ASSERT_TRUE(store().delete_snapshots({}, {"product-7", "", {}}));
        api::ReadRequest request;
        request.stream = "product-7";
        request.start = api::FromRevision{Revision(revision)};
        request.limit = 1;
        const auto page = store().read({}, request);
        ASSERT_TRUE(page);
        const auto events = page->events.decode();
        ASSERT_TRUE(events && !events->empty());
        Value body = json(real_.data);
        Value changed = *body.find("changed");
        changed.set("ns", Value(std::to_string(events->front().recorded_time.value)));
        changed.set("actor", Value(std::string(events->front().actor)));
        body.set("event", Value(events->front().id.to_string()));
        body.set("changed", changed);
        body.set("hash", Value(documents::hash_of(json(document))));
        body.set("document", json(document));
        api::Snapshot forged = real_;
        forged.revision = Revision(revision);
        forged.data = to_text(body);
        ASSERT_TRUE(store().store_snapshot({}, forged));
    }
    /// Of the newest snapshot there is.
    std::optional<Revision> newest() {
        const auto found = store().load_snapshot({}, {snapshot_key_of("product-7"), {}});
        if (!found || !*found) return std::nullopt;
        return (*found)->revision;
    }
    std::string listed() {
        EntityStore entities(store());
        ListEntities request;
        request.type = "product";
        const auto page = entities.list({}, request);
        if (!page || page->entities.empty()) return "none";
        return to_text(page->entities.front().document);
    }

    api::Snapshot real_;
};

TEST_F(EntityForgedSnapshots, TheForgerKnowsTheForm) {
    forge(70, R"({"k":1,"n":70})");
    const Cold read = cold("7");
    EXPECT_EQ(read.document, R"({"k":1,"n":70})");
    EXPECT_EQ(read.counts.hits, 1u);
    EXPECT_EQ(read.counts.rejected, 0u);
}

TEST_F(EntityForgedSnapshots, AreNotBelievedWhereTheLogSaysAnotherHash) {
    // The newest event, one of the newest, one before them.
    for (const std::uint64_t revision : {70u, 40u, 3u}) {
        forge(revision, R"({"k":1,"n":-1})");
        const Cold read = cold("7");
        EXPECT_EQ(read.document, R"({"k":1,"n":70})");
        EXPECT_EQ(read.counts.hits, 0u);
        EXPECT_EQ(read.counts.rejected, 1u);
        EXPECT_EQ(newest(), Revision(70));  // in the place of the forged one
        EXPECT_EQ(cold("7").counts.hits, 1u);
        forge(revision, R"({"k":666})");
        EXPECT_EQ(listed(), R"({"k":1,"n":70})");
        forge(revision, R"({"k":666})");
        EntityStore entities(store());
        EXPECT_EQ(
            to_text(entities.get({}, key_, as_of(Revision(revision)))->document),
            R"({"k":1,"n":)" + std::to_string(revision) + "}"
        );
    }
}

TEST_F(EntityForgedSnapshots, NothingIsWrittenOnThem) {
    forge(70, R"({"k":1,"n":-1})");
    EntityStore entities(store());
    ASSERT_TRUE(entities.patch({}, key_, merge(R"({"k":2})"), {}));
    EXPECT_EQ(cold("7").document, R"({"k":2,"n":70})");
    ASSERT_TRUE(store().delete_snapshots({}, {"product-7", "", {}}));
    EXPECT_EQ(cold("7").document, R"({"k":2,"n":70})");
    EXPECT_EQ(listed(), R"({"k":2,"n":70})");
}

TEST_F(EntityForgedSnapshots, AChangeWithoutAHashDoesNotHideThem) {
    append_raw("product-7", "product.Updated", R"({"n":71})");
    for (const std::uint64_t revision : {71u, 70u, 64u, 3u}) {
        forge(revision, R"({"k":666,"n":0})");
        EXPECT_EQ(cold("7").document, R"({"k":1,"n":71})");
        EXPECT_EQ(listed(), R"({"k":1,"n":71})");
    }
}

TEST_F(EntityForgedSnapshots, WhatCannotBeFoldedOnFromOneIsFoldedFromTheBeginning) {
    // The event bears it out, and is wrong itself; the change after it says what is right.
    append_raw("product-7", "product.Updated", "{}", documents::hash_of(json(R"({"lie":1})")));
    ASSERT_EQ(cold("7").document, "entity_unreadable");
    append_raw(
        "product-7", "product.Updated", R"({"n":72})", documents::hash_of(json(R"({"k":1,"n":72})"))
    );
    for (int round = 0; round < 2; ++round) {
        forge(71, R"({"lie":1})");
        const Cold read = cold("7");
        EXPECT_EQ(read.document, R"({"k":1,"n":72})");
        EXPECT_EQ(read.counts.rejected, 1u);
        EXPECT_EQ(cold("7").document, R"({"k":1,"n":72})");
        EXPECT_NE(newest(), Revision(71));
        for (int i = 0; i < 80; ++i) append_raw("product-7", "product.Painted", "red");
    }
}

TEST_F(EntityForgedSnapshots, NoneIsLeftThatWouldNotBeBelieved) {
    append_raw("product-7", "product.Updated", R"({"n":71})");
    EXPECT_EQ(cold("7").counts.stored, 0u);
    EXPECT_EQ(newest(), std::nullopt);
    ASSERT_TRUE(entities_.patch({}, key_, merge(R"({"n":72})")));
    EXPECT_EQ(cold("7").counts.stored, 1u);
    EXPECT_EQ(newest(), Revision(72));
    EXPECT_EQ(cold("7").counts.hits, 1u);
}

}  // namespace
}  // namespace annals::entities
