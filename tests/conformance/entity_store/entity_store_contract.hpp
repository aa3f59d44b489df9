// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

// The contract of api::EntityStore: what every body does. A body is a factory and one line:
//
//     ANNALS_ENTITY_STORE_CONTRACT(Direct, EntityStoreBody{"memory", …});
//
// Codes and fields are checked, never sentences.

#include <algorithm>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "annals/api/event_store.hpp"
#include "annals/documents/canonical.hpp"
#include "annals/documents/document_text.hpp"
#include "annals/entity_api/entity_store.hpp"
#include "annals/model/append.hpp"

namespace annals::conformance {

/// Fresh stores of one server: events and entities.
class EntityStoreHost {
  public:
    EntityStoreHost() = default;
    EntityStoreHost(const EntityStoreHost&) = delete;
    EntityStoreHost& operator=(const EntityStoreHost&) = delete;
    virtual ~EntityStoreHost() = default;

    virtual api::EventStore& events() = 0;
    virtual api::EntityStore& entities() = 0;
};

struct EntityStoreBody {
    std::string name;
    std::function<std::unique_ptr<EntityStoreHost>()> make_host;
};

inline std::ostream& operator<<(std::ostream& out, const EntityStoreBody& body) {
    return out << body.name;
}

class EntityStoreContract : public ::testing::TestWithParam<EntityStoreBody> {
  protected:
    EntityStoreContract() : host_(GetParam().make_host()) {}

    api::EntityStore& store() { return host_->entities(); }

    static documents::Value json(std::string_view text) {
        auto value = documents::parse_document(text);
        EXPECT_TRUE(value) << text;
        return value ? *value : documents::Value();
    }
    static documents::Patch merge(std::string_view text) {
        return {documents::PatchFormat::kMerge, json(text)};
    }
    static documents::Patch operations(std::string_view text) {
        return {documents::PatchFormat::kJson, json(text)};
    }
    static api::WriteOptions expecting(std::uint64_t revision) {
        api::WriteOptions options;
        options.expected = Revision(revision);
        return options;
    }
    api::Written created(const std::string& id, std::string_view document) {
        auto made = store().create({}, "pen", {id, json(document)});
        EXPECT_TRUE(made) << made.error().to_string();
        return made ? *made : api::Written();
    }
    std::string document(const std::string& id, const api::GetOptions& options = {}) {
        const auto entity = store().get({}, {"pen", id}, options);
        return entity ? documents::to_text(entity->document)
                      : std::string(entity.error().info().name);
    }
    template <typename Answer>
    static std::string code_of(const Answer& answer) {
        return answer ? "ok" : std::string(answer.error().info().name);
    }

    const api::EntityKey key_{"pen", "7"};
    std::unique_ptr<EntityStoreHost> host_;
};

TEST_P(EntityStoreContract, DocumentsKeepTheirDigits) {
    const std::string text = R"({"a":1.20,"b":[12345678901234567890,1e2,-0.0],"c":{"d":null}})";
    const api::Written made = created("7", text);
    EXPECT_TRUE(made.is_created);
    EXPECT_EQ(made.revision, Revision(0));
    EXPECT_EQ(document("7"), text);
    const auto entity = store().get({}, key_);
    ASSERT_TRUE(entity);
    EXPECT_EQ(entity->key, key_);
    EXPECT_EQ(entity->hash, documents::hash_of(json(text)));
    EXPECT_EQ(entity->created.time, made.time);
    EXPECT_EQ(entity->position, made.position);
    const auto history = store().history({}, key_);
    ASSERT_TRUE(history && history->changes.size() == 1u);
    EXPECT_EQ(documents::to_text(history->changes[0].patch.body), text);
}

TEST_P(EntityStoreContract, ALifeFromCreationToDeletionAndAgain) {
    api::WriteOptions ann;
    ann.actor = "ann";
    ann.correlation_id = "c1";
    ann.causation_id = "c0";
    ASSERT_TRUE(store().create({}, "pen", {"7", json(R"({"n":0})")}, ann));
    EXPECT_EQ(code_of(store().create({}, "pen", {"7", json("{}")})), "entity_exists");
    EXPECT_EQ(code_of(store().replace({}, key_, json(R"({"n":1})"))), "ok");
    EXPECT_EQ(code_of(store().patch({}, key_, merge(R"({"m":2})"))), "ok");
    EXPECT_EQ(
        code_of(store().patch({}, key_, operations(R"([{"op":"add","path":"/z","value":null}])"))),
        "ok"
    );
    EXPECT_EQ(document("7"), R"({"m":2,"n":1,"z":null})");
    EXPECT_EQ(
        code_of(store().patch({}, key_, operations(R"([{"op":"test","path":"/n","value":9}])"))),
        "patch_failed"
    );
    const auto gone = store().remove({}, key_);
    ASSERT_TRUE(gone);
    EXPECT_EQ(gone->revision, Revision(4));
    EXPECT_EQ(document("7"), "entity_deleted");
    EXPECT_EQ(code_of(store().remove({}, key_)), "entity_deleted");
    EXPECT_EQ(code_of(store().patch({}, key_, merge("{}"))), "entity_deleted");
    api::GetOptions deleted;
    deleted.with_deleted = true;
    const auto last = store().get({}, key_, deleted);
    ASSERT_TRUE(last);
    EXPECT_TRUE(last->is_deleted);
    EXPECT_EQ(documents::to_text(last->document), R"({"m":2,"n":1,"z":null})");
    const auto anew = store().replace({}, key_, json(R"({"new":1})"), {}, true);
    ASSERT_TRUE(anew);
    EXPECT_TRUE(anew->is_created);
    EXPECT_EQ(document("7"), R"({"new":1})");
    EXPECT_EQ(document("8"), "entity_not_found");
    EXPECT_EQ(code_of(store().replace({}, {"pen", "8"}, json("{}"))), "entity_not_found");

    const auto history = store().history({}, key_, Revision(0), 4);
    ASSERT_TRUE(history);
    EXPECT_EQ(history->next, Revision(4));
    ASSERT_EQ(history->changes.size(), 4u);
    EXPECT_EQ(history->changes[0].kind, api::ChangeKind::kCreated);
    EXPECT_EQ(history->changes[0].stamp.actor, "ann");
    EXPECT_EQ(history->changes[0].correlation_id, "c1");
    EXPECT_EQ(history->changes[0].causation_id, "c0");
    EXPECT_EQ(history->changes[1].patch, merge(R"({"n":1})"));
    EXPECT_EQ(history->changes[3].patch.format, documents::PatchFormat::kJson);
    EXPECT_FALSE(history->changes[3].event_id.empty());
    const auto rest = store().history({}, key_, *history->next);
    ASSERT_TRUE(rest && rest->changes.size() == 2u);
    EXPECT_EQ(rest->changes[0].kind, api::ChangeKind::kDeleted);
    EXPECT_EQ(rest->next, std::nullopt);
}

TEST_P(EntityStoreContract, WhoExpectsAnotherRevisionLearnsTheCurrentOne) {
    created("7", "{}");
    ASSERT_TRUE(store().replace({}, key_, json(R"({"n":1})"), expecting(0)));
    const auto refused = store().replace({}, key_, json(R"({"n":2})"), expecting(0));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::kConflict);
    const auto* details = refused.error().details<model::ConflictDetails>();
    ASSERT_NE(details, nullptr);
    ASSERT_EQ(details->failed_checks.size(), 1u);
    EXPECT_EQ(details->failed_checks[0].current_revision, Revision(1));
}

TEST_P(EntityStoreContract, OfTwoWritersOneWins) {
    created("7", R"({"n":0})");
    for (std::uint64_t round = 0; round < 20; ++round) {
        std::vector<std::string> codes(2);
        std::vector<std::thread> writers;
        writers.reserve(2);
        for (std::size_t i = 0; i < 2; ++i) {
            writers.emplace_back([&, i] {
                const std::string text = R"({"n":)" + std::to_string(2 * round + i + 1) + "}";
                codes[i] = code_of(store().replace({}, key_, json(text), expecting(round)));
            });
        }
        for (std::thread& writer : writers) writer.join();
        std::sort(codes.begin(), codes.end());
        EXPECT_EQ(codes, (std::vector<std::string>{"conflict", "ok"}));
    }
}

TEST_P(EntityStoreContract, WithoutAnExpectationNothingIsLost) {
    created("7", "{}");
    std::vector<std::thread> writers;
    writers.reserve(4);
    for (int i = 0; i < 4; ++i) {
        writers.emplace_back([&, i] {
            for (int round = 0; round < 5; ++round) {
                const std::string name = std::to_string(i) + "-" + std::to_string(round);
                auto written = store().patch({}, key_, merge(R"({")" + name + R"(":1})"));
                while (!written && written.error().code() == ErrorCode::kConflict) {
                    written = store().patch({}, key_, merge(R"({")" + name + R"(":1})"));
                }
                EXPECT_TRUE(written) << written.error().to_string();
            }
        });
    }
    for (std::thread& writer : writers) writer.join();
    const auto entity = store().get({}, key_);
    ASSERT_TRUE(entity);
    EXPECT_EQ(entity->document.object().size(), 20u);
    EXPECT_EQ(entity->revision, Revision(20));
}

TEST_P(EntityStoreContract, AKeyMakesAChangeOnce) {
    api::WriteOptions options;
    options.idempotency_key = "k";
    const auto first = store().create({}, "pen", {"", json(R"({"a":1})")}, options);
    const auto again = store().create({}, "pen", {"", json(R"({"a":1})")}, options);
    ASSERT_TRUE(first && again);
    EXPECT_EQ(first->key, again->key);
    EXPECT_FALSE(first->is_replay);
    EXPECT_TRUE(again->is_replay);
    EXPECT_TRUE(again->is_created);
    EXPECT_EQ(code_of(store().create({}, "pen", {"", json(R"({"a":2})")}, options)), "id_conflict");
    const auto unchanged = store().replace({}, first->key, json(R"({"a":1})"));
    ASSERT_TRUE(unchanged);
    EXPECT_TRUE(unchanged->is_unchanged);
}

TEST_P(EntityStoreContract, AnyRevisionAndAnyTime) {
    created("7", R"({"n":0})");
    const auto second = store().replace({}, key_, json(R"({"n":1})"));
    ASSERT_TRUE(second && store().replace({}, key_, json(R"({"n":2})")));
    api::GetOptions then;
    then.as_of = Revision(1);
    EXPECT_EQ(document("7", then), R"({"n":1})");
    then.as_of = second->time;
    EXPECT_EQ(document("7", then), R"({"n":1})");
    then.as_of = Revision(9);
    EXPECT_EQ(document("7", then), "entity_not_found");
    const auto diff = store().diff({}, key_, Revision(2), Revision(0));
    ASSERT_TRUE(diff);
    EXPECT_EQ(diff->patch, merge(R"({"n":0})"));
    EXPECT_EQ(diff->before.revision, Revision(2));
    EXPECT_EQ(documents::to_text(diff->after.document), R"({"n":0})");
    ASSERT_TRUE(store().undo({}, key_, Revision(0)));
    EXPECT_EQ(document("7"), R"({"n":0})");
    const auto history = store().history({}, key_, Revision(3));
    ASSERT_TRUE(history && history->changes.size() == 1u);
    EXPECT_EQ(history->changes[0].undoes_to, Revision(0));
}

TEST_P(EntityStoreContract, ManyAreMadeTogetherOrNotAtAll) {
    std::vector<api::NewEntity> many;
    many.reserve(5);
    for (int i = 0; i < 5; ++i) {
        many.push_back({"e" + std::to_string(i), json(R"({"n":)" + std::to_string(i) + "}")});
    }
    many.push_back({"", json(R"({"n":5})")});
    const auto made = store().create_many({}, "pen", many);
    ASSERT_TRUE(made) << made.error().to_string();
    ASSERT_EQ(made->size(), 6u);
    EXPECT_EQ((*made)[1].key.id, "e1");
    EXPECT_FALSE((*made)[5].key.id.empty());
    EXPECT_TRUE((*made)[5].is_created);
    EXPECT_EQ(
        code_of(store().create_many({}, "pen", {{"new", json("{}")}, many[0]})), "entity_exists"
    );
    EXPECT_EQ(document("new"), "entity_not_found");
    EXPECT_EQ(code_of(store().create_many({}, "pen", {})), "invalid_argument");
}

TEST_P(EntityStoreContract, ListsAndCountsWithFilters) {
    for (int i = 0; i < 6; ++i) {
        created("e" + std::to_string(i), R"({"n":)" + std::to_string(i) + R"(,"a/b":"x y"})");
    }
    ASSERT_TRUE(store().remove({}, {"pen", "e5"}));
    api::ListEntities request;
    request.type = "pen";
    request.limit = 2;
    request.filters.push_back(
        {{"n"}, api::Comparison::kGreaterOrEqual, documents::Value(documents::Number{"1"})}
    );
    request.filters.push_back({{"a/b"}, api::Comparison::kPrefix, documents::Value("x ")});
    std::vector<std::string> ids;
    do {
        const auto page = store().list({}, request);
        ASSERT_TRUE(page) << page.error().to_string();
        EXPECT_LE(page->entities.size(), 2u);
        for (const api::Entity& entity : page->entities) ids.push_back(entity.key.id);
        request.after = page->next;
    } while (!request.after.empty());
    EXPECT_EQ(ids, (std::vector<std::string>{"e1", "e2", "e3", "e4"}));
    const auto count = store().count({}, request);
    ASSERT_TRUE(count);
    EXPECT_EQ(count->entities, 4u);
    request.with_deleted = true;
    EXPECT_EQ(store().count({}, request)->entities, 5u);
    request.skip_documents = true;
    request.limit = 1;
    const auto bare = store().list({}, request);
    ASSERT_TRUE(bare && bare->entities.size() == 1u);
    EXPECT_TRUE(bare->entities[0].document.is_null());
    request.limit = 1'001;
    EXPECT_EQ(code_of(store().list({}, request)), "invalid_argument");
}

TEST_P(EntityStoreContract, NamespacesAreApart) {
    ASSERT_TRUE(host_->events().create_namespace({}, "tenant"));
    api::CallContext tenant;
    tenant.name_space = "tenant";
    ASSERT_TRUE(store().create(tenant, "pen", {"7", json("{}")}));
    EXPECT_EQ(document("7"), "entity_not_found");
    EXPECT_EQ(code_of(store().get(tenant, key_)), "ok");
}

TEST_P(EntityStoreContract, NamesWhatIsRefused) {
    EXPECT_EQ(code_of(store().create({}, "", {"7", json("{}")})), "invalid_argument");
    EXPECT_EQ(
        code_of(store().create({}, "pen", {std::string(257, 'x'), json("{}")})), "limit_exceeded"
    );
    EXPECT_EQ(code_of(store().replace({}, key_, json("[1]"), {}, true)), "invalid_argument");
    EXPECT_EQ(code_of(store().undo({}, key_, Revision(0))), "entity_not_found");
    EXPECT_EQ(code_of(store().history({}, key_)), "entity_not_found");
}

#define ANNALS_ENTITY_STORE_CONTRACT(suite, ...) \
    INSTANTIATE_TEST_SUITE_P(suite, EntityStoreContract, ::testing::Values(__VA_ARGS__))

}  // namespace annals::conformance
