// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/entities/entity_types.hpp"

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "annals/api/testing/refusing_event_store.hpp"
#include "annals/documents/document_text.hpp"
#include "annals/entities/entity_store.hpp"
#include "annals/model/limits.hpp"
#include "annals/namespaces/testing/memory_store.hpp"

namespace annals::entities {
namespace {

using documents::to_text;
using documents::Value;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::string_view kProduct =
    R"({"type":"object","required":["name"],"properties":{"price":{"type":"number","minimum":0}}})";

Value json(std::string_view text) {
    auto value = documents::parse_document(text);
    EXPECT_TRUE(value) << text;
    return value ? *value : Value();
}

template <typename T>
std::string name_of_error(const Result<T>& result) {
    return result ? "none" : std::string(result.error().info().name);
}

class EntityTypesTest : public testing::Test {
  protected:
    static PutEntityType request(std::string_view schema) {
        PutEntityType put;
        put.type = "product";
        put.schema = json(schema);
        put.actor = "ann";
        return put;
    }
    EntityType put(std::string_view schema) {
        auto made = types_->put({}, request(schema));
        EXPECT_TRUE(made) << made.error().to_string();
        return made ? *made : EntityType();
    }
    Result<Written> create(std::string id, std::string_view document) {
        return entities_.create({}, "product", {std::move(id), json(document)});
    }
    /// A reserved field of the newest event of an entity.
    std::string field(std::string_view id, std::string_view name) {
        api::ReadRequest read;
        read.stream = "product-" + std::string(id);
        read.direction = api::Direction::kBackwards;
        read.limit = 1;
        const auto page = memory_.store().read({}, read);
        EXPECT_TRUE(page) << page.error().to_string();
        std::string value;
        if (!page) return value;
        EXPECT_TRUE(page->events.for_each([&](const model::RecordedEvent& event) {
            for (const model::DialectField& one : event.dialect) {
                if (one.name == name) value = one.value;
            }
            return ok();
        }));
        return value;
    }

    namespaces::testing::MemoryStore memory_;
    EntityStore store_{memory_.store()};
    api::EntityStore& entities_ = store_;
    std::unique_ptr<EntityTypeStore> types_ = make_entity_types(memory_.store());
};

TEST_F(EntityTypesTest, AreKeptWithVersionActorAndPromise) {
    const EntityType made = put(kProduct);
    EXPECT_EQ(made.version, 1u);
    EXPECT_EQ(made.changed.actor, "ann");
    const auto got = types_->get({}, "product");
    ASSERT_TRUE(got) << got.error().to_string();
    EXPECT_EQ(got->version, 1u);
    EXPECT_EQ(got->schema, json(kProduct));
    EXPECT_EQ(got->draft, schemas::Draft::k202012);
    EXPECT_EQ(got->compatibility, schemas::Compatibility::kBackward);
    EXPECT_TRUE(got->is_validated);
    EXPECT_TRUE(put(kProduct).is_unchanged);
    EXPECT_EQ(name_of_error(types_->get({}, "order")), "entity_type_not_found");
    EXPECT_EQ(name_of_error(types_->get({}, "product", 2)), "entity_type_not_found");
    EXPECT_EQ(name_of_error(types_->get({}, "")), "invalid_argument");
}

TEST_F(EntityTypesTest, RefuseAWriteWhoseResultBreaksTheSchema) {
    put(kProduct);
    const auto refused = create("1", R"({"price":-1})");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::kDocumentNotValid);
    EXPECT_EQ(refused.error().field("violations"), "2");
    EXPECT_EQ(
        refused.error().field("violations[1]"),
        "/price: -1 is less than 0 (#/properties/price/minimum)"
    );
    EXPECT_EQ(refused.error().field("schema_version"), "1");
    EXPECT_EQ(name_of_error(entities_.get({}, {"product", "1"})), "entity_not_found");

    ASSERT_TRUE(create("1", R"({"name":"pen","price":1})"));
    EXPECT_EQ(field("1", "entity.schema"), "1");
    const EntityKey key{"product", "1"};
    EXPECT_EQ(
        name_of_error(
            entities_.patch({}, key, {documents::PatchFormat::kMerge, json(R"({"name":null})")})
        ),
        "document_not_valid"
    );
    EXPECT_EQ(name_of_error(entities_.replace({}, key, json("{}"))), "document_not_valid");
    EXPECT_EQ(
        name_of_error(entities_.create_many(
            {}, "product", {{"2", json(R"({"name":"a"})")}, {"3", json("{}")}}
        )),
        "document_not_valid"
    );
    EXPECT_EQ(name_of_error(entities_.get({}, {"product", "2"})), "entity_not_found");
    const auto many = entities_.create_many({}, "product", {{"2", json(R"({"name":"a"})")}});
    ASSERT_TRUE(many) << many.error().to_string();
    EXPECT_EQ(field("2", "entity.schema"), "1");
    EXPECT_TRUE(entities_.remove({}, key)) << "what goes is not checked";
    EXPECT_EQ(field("1", "entity.schema"), "");
}

TEST_F(EntityTypesTest, CheckWhatAnUndoGoesBackTo) {
    ASSERT_TRUE(create("1", R"({"price":"dear"})"));
    const EntityKey key{"product", "1"};
    ASSERT_TRUE(entities_.replace({}, key, json(R"({"name":"pen"})")));
    put(kProduct);
    EXPECT_EQ(name_of_error(entities_.undo({}, key, Revision(0))), "document_not_valid");
    EXPECT_EQ(entities_.get({}, key)->revision, Revision(1));
}

TEST_F(EntityTypesTest, LetAnythingInWithoutValidationAndAfterDeletion) {
    PutEntityType off = request(kProduct);
    off.is_validated = false;
    ASSERT_TRUE(types_->put({}, off));
    EXPECT_TRUE(create("1", "{}"));
    EXPECT_EQ(field("1", "entity.schema"), "");

    PutEntityType on = request(kProduct);
    on.is_validated = true;
    const auto switched = types_->put({}, on);
    ASSERT_TRUE(switched);
    EXPECT_EQ(switched->version, 1u) << "another setting is no other schema";
    EXPECT_FALSE(switched->is_unchanged);
    EXPECT_EQ(name_of_error(create("2", "{}")), "document_not_valid");

    ASSERT_TRUE(types_->remove({}, "product", "bob"));
    EXPECT_TRUE(create("2", "{}"));
    EXPECT_EQ(name_of_error(types_->get({}, "product")), "entity_type_not_found");
    EXPECT_EQ(name_of_error(types_->remove({}, "product", "")), "entity_type_not_found");
    EXPECT_TRUE(types_->get({}, "product", 1)) << "versions stay";
    EXPECT_EQ(put(R"({"type":"object","required":["b"]})").version, 2u);
    const auto all = types_->versions({}, "product");
    ASSERT_TRUE(all);
    ASSERT_THAT(*all, SizeIs(4));
    EXPECT_TRUE((*all)[2].is_deleted);
    EXPECT_EQ((*all)[2].changed.actor, "bob");
}

TEST_F(EntityTypesTest, RefuseASchemaThatBreaksThePromise) {
    put(kProduct);
    const std::string_view narrower =
        R"({"type":"object","required":["name"],"properties":{"price":{"type":"string"}}})";
    const auto refused = types_->put({}, request(narrower));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::kSchemaNotCompatible);
    EXPECT_EQ(refused.error().field("place"), "/properties/price");
    EXPECT_EQ(refused.error().field("rule"), "type");
    EXPECT_EQ(types_->get({}, "product")->version, 1u);

    PutEntityType forced = request(narrower);
    forced.skips_check = true;
    const auto made = types_->put({}, forced);
    ASSERT_TRUE(made);
    EXPECT_EQ(made->version, 2u);
    EXPECT_THAT(
        types_->get({}, "product")->breaks,
        ElementsAre("/properties/price type: number → string narrows")
    );
    EXPECT_EQ(types_->get({}, "product", 1)->schema, json(kProduct));
    EXPECT_EQ(
        name_of_error(types_->put({}, request(R"({"type":"text"})"))), "schema_not_acceptable"
    );
    PutEntityType late = request("{}");
    late.expected_version = 1;
    EXPECT_EQ(name_of_error(types_->put({}, late)), "conflict");
    late.expected_version = 2;
    EXPECT_EQ(types_->put({}, late)->version, 3u);
}

TEST_F(EntityTypesTest, AreListedByNameWithoutSchemas) {
    for (const std::string type : {"pro-duct", "order", "gone", "$x"}) {
        PutEntityType one = request("{}");
        one.type = type;
        ASSERT_TRUE(types_->put({}, one));
    }
    ASSERT_TRUE(types_->remove({}, "gone", ""));
    std::vector<std::string> names;
    std::string after;
    do {
        const auto page = types_->list({}, after, 1);
        ASSERT_TRUE(page) << page.error().to_string();
        for (const EntityType& one : page->types) {
            names.push_back(one.type);
            EXPECT_TRUE(one.schema.is_null());
        }
        after = page->next;
    } while (!after.empty());
    EXPECT_THAT(names, testing::UnorderedElementsAre("pro-duct", "order", "$x"));
    EXPECT_EQ(name_of_error(types_->list({}, "", 0)), "invalid_argument");
}

TEST_F(EntityTypesTest, CheckASchemaAgainstTheNewestAndAgainstTheData) {
    put(R"({"properties":{"price":{"type":["number","string"]}}})");
    for (int i = 0; i < 20; ++i) {
        const std::string price = i % 4 == 3 ? R"("dear")" : std::to_string(i);
        ASSERT_TRUE(create(std::to_string(100 + i), R"({"price":)" + price + "}"));
    }
    ASSERT_TRUE(entities_.remove({}, {"product", "103"}));
    CheckSchema check;
    check.type = "product";
    check.schema = json(R"({"properties":{"price":{"type":"number"}}})");
    check.is_against_data = true;
    check.failures_max = 2;
    const auto report = types_->check({}, check);
    ASSERT_TRUE(report) << report.error().to_string();
    EXPECT_EQ(report->against_version, 1u);
    ASSERT_THAT(report->comparison.breaks, SizeIs(1));
    EXPECT_EQ(report->comparison.breaks[0].place, "/properties/price");
    EXPECT_EQ(report->looked_at, 19u);
    EXPECT_EQ(report->failed, 4u);
    ASSERT_THAT(report->failures, SizeIs(2));
    EXPECT_EQ(report->failures[0].id, "107");
    EXPECT_EQ(report->failures[0].first.place, "/price");
    EXPECT_THAT(report->next, IsEmpty());
    EXPECT_EQ(types_->get({}, "product")->version, 1u) << "a check changes nothing";
    check.type = "order";
    EXPECT_EQ(types_->check({}, check)->against_version, 0u);
}

TEST_F(EntityTypesTest, AreFoundInVersionsOfMoreBytesThanAPageHas) {
    constexpr std::size_t kLarge = 250'000;
    constexpr std::uint32_t kVersions = 2 + 2 * model::Limits::kReadBytesMax / kLarge;
    for (std::uint32_t i = 1; i <= kVersions; ++i) {
        Value schema = json("{}");
        schema.set("title", Value(std::to_string(i) + std::string(kLarge, 'x')));
        PutEntityType one = request("{}");
        one.schema = std::move(schema);
        const auto made = types_->put({}, one);
        ASSERT_TRUE(made) << made.error().to_string();
    }
    for (const std::uint32_t version : {1u, 2u, kVersions / 2, kVersions}) {
        const auto got = types_->get({}, "product", version);
        ASSERT_TRUE(got) << got.error().to_string();
        EXPECT_TRUE(got->schema.find("title")->string().starts_with(std::to_string(version) + "x"));
    }
    const auto all = types_->versions({}, "product");
    ASSERT_TRUE(all);
    ASSERT_EQ(all->size(), kVersions);
    for (std::uint32_t i = 0; i < kVersions; ++i) EXPECT_EQ((*all)[i].version, i + 1);
}

TEST_F(EntityTypesTest, BelongToTheServer) {
    model::AppendRequest append;
    append.stream = "$entity-type-product";
    append.events.emplace_back().type = "x";
    EXPECT_EQ(name_of_error(memory_.store().append_and_wait({}, append)), "not_permitted");
}

TEST_F(EntityTypesTest, OfANamespaceThatWasMadeAnewAreNotRemembered) {
    api::CallContext context;
    context.name_space = "other";
    PutEntityType strict = request(kProduct);
    ASSERT_TRUE(memory_.store().create_namespace({}, "other"));
    ASSERT_TRUE(types_->put(context, strict));
    EXPECT_EQ(
        name_of_error(entities_.create(context, "product", {"1", json("{}")})), "document_not_valid"
    );
    ASSERT_TRUE(memory_.store().delete_namespace({}, "other"));
    ASSERT_TRUE(memory_.store().create_namespace({}, "other"));
    ASSERT_TRUE(types_->put(context, request("{}")));
    EXPECT_TRUE(entities_.create(context, "product", {"1", json("{}")}));
}

/// Lets something happen between what a change has read and its first append.
class MeddlingStore final : public api::testing::RefusingEventStore {
  public:
    explicit MeddlingStore(api::EventStore& store) : store_(store) {}
    std::function<void()> before_append;

    void append(
        const api::CallContext& context, const model::AppendRequest& request, api::AppendDone done
    ) override {
        if (const auto meddle = std::exchange(before_append, nullptr)) meddle();
        store_.append(context, request, std::move(done));
    }
    Result<api::ReadPage> read(const api::CallContext& context, const api::ReadRequest& request)
        override {
        return store_.read(context, request);
    }
    Result<api::ReadPage> get_event(const api::CallContext& context, const Uuid& id) override {
        return store_.get_event(context, id);
    }
    Result<api::StreamInfo> get_stream(const api::CallContext& context, std::string_view stream)
        override {
        return store_.get_stream(context, stream);
    }

  private:
    api::EventStore& store_;
};

TEST_F(EntityTypesTest, ThatAppearOrChangeBeforeTheAppendAreMet) {
    MeddlingStore meddling(memory_.store());
    EntityStore direct(meddling);
    api::EntityStore& entities = direct;
    const auto create_meddled =
        [&](std::string id, std::string_view document, std::string_view schema) {
            meddling.before_append = [&] { put(schema); };
            return entities.create({}, "product", {std::move(id), json(document)});
        };
    // There was no type, then one that refuses.
    EXPECT_EQ(
        name_of_error(create_meddled("1", "{}", R"({"required":["a"]})")), "document_not_valid"
    );
    EXPECT_EQ(name_of_error(entities_.get({}, {"product", "1"})), "entity_not_found");
    // Valid under both: the event names the one that held.
    ASSERT_TRUE(create_meddled("1", R"({"a":1})", "{}"));
    EXPECT_EQ(field("1", "entity.schema"), "2");
    // All of many, or none.
    meddling.before_append = [&] {
        PutEntityType strict = request(R"({"required":["a"]})");
        strict.skips_check = true;
        ASSERT_TRUE(types_->put({}, strict));
    };
    EXPECT_EQ(
        name_of_error(
            entities.create_many({}, "product", {{"2", json(R"({"a":1})")}, {"3", json("{}")}})
        ),
        "document_not_valid"
    );
    EXPECT_EQ(name_of_error(entities_.get({}, {"product", "2"})), "entity_not_found");
    // An expected revision is one of the entity, which nobody changed.
    WriteOptions expecting;
    expecting.expected = Revision(0);
    meddling.before_append = [&] { put("{}"); };
    const auto replaced = entities.replace({}, {"product", "1"}, json(R"({"a":2})"), expecting);
    ASSERT_TRUE(replaced) << replaced.error().to_string();
    EXPECT_EQ(field("1", "entity.schema"), "4");
    // Deleted in between: nothing is checked.
    meddling.before_append = [&] { ASSERT_TRUE(types_->remove({}, "product", "")); };
    ASSERT_TRUE(entities.replace({}, {"product", "1"}, json("{}")));
    EXPECT_EQ(field("1", "entity.schema"), "");
}

/// What is accepted was valid under the version that its event names.
TEST_F(EntityTypesTest, ThatChangeBetweenCheckAndAppendAreCheckedAgain) {
    std::atomic<bool> is_over = false;
    // Two schemas in turn.
    PutEntityType any = request(R"({"required":["a"]})");
    any.compatibility = schemas::Compatibility::kNone;
    PutEntityType other = request(R"({"required":["b"]})");
    ASSERT_TRUE(types_->put({}, any));
    std::thread changer([&] {
        for (int i = 0; i < 200; ++i) ASSERT_TRUE(types_->put({}, i % 2 == 0 ? other : any));
        is_over = true;
    });
    int accepted = 0;
    for (int i = 0; !is_over || i < 50; ++i) {
        const bool has_a = i % 2 == 0;
        const std::string id = std::to_string(i);
        const auto written = create(id, has_a ? R"({"a":1})" : R"({"b":1})");
        if (!written) {
            EXPECT_THAT(name_of_error(written), testing::AnyOf("document_not_valid", "conflict"));
            continue;
        }
        ++accepted;
        // Versions are odd with `a`, and the append lies between the puts of this one and the next.
        const std::uint32_t version = static_cast<std::uint32_t>(
            std::stoul(field(id, "entity.schema"))
        );
        EXPECT_EQ(version % 2 == 1, has_a);
        const auto type = types_->get({}, "product", version);
        const auto next = types_->get({}, "product", version + 1);
        const auto entity = entities_.get({}, {"product", id});
        ASSERT_TRUE(type && entity);
        EXPECT_LE(type->changed.time, entity->changed.time);
        if (next) EXPECT_GE(next->changed.time, entity->changed.time);
    }
    changer.join();
    EXPECT_GT(accepted, 0);
}

TEST_F(EntityTypesTest, AreReadAsDeepAsASchemaMayBe) {
    std::string deep = "true";
    for (int i = 0; i < 60; ++i) deep.insert(0, R"({"not":)").append("}");
    for (int i = 0; i < 6; ++i) deep.insert(0, R"({"items":)").append("}");
    put(deep);
    EXPECT_TRUE(types_->get({}, "product"));
}

TEST_F(EntityTypesTest, IsDeletedOnTheExpectedVersionAlone) {
    PutEntityType request;
    request.type = "product";
    request.schema = json("{}");
    ASSERT_TRUE(types_->put({}, request));
    EXPECT_EQ(name_of_error(types_->remove({}, "product", "", 2)), "conflict");
    ASSERT_TRUE(types_->get({}, "product"));
    ASSERT_TRUE(types_->remove({}, "product", "", 1));
    // None is there: 0 says so of a deleted one, too.
    request.expected_version = 2;
    EXPECT_EQ(name_of_error(types_->put({}, request)), "conflict");
    request.expected_version = 0;
    const auto made = types_->put({}, request);
    ASSERT_TRUE(made) << made.error().to_string();
    EXPECT_EQ(made->version, 2u);
    EXPECT_EQ(name_of_error(types_->put({}, request)), "conflict");
}

TEST_F(EntityTypesTest, ManyAreRefusedByTheirPlaceWhereTheCallerGaveNoId) {
    PutEntityType request;
    request.type = "product";
    request.schema = json(R"({"required":["name"]})");
    ASSERT_TRUE(types_->put({}, request));
    const auto refused = entities_.create_many(
        {}, "product", {{"", json(R"({"name":1})")}, {"", json("{}")}}
    );
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::kDocumentNotValid);
    EXPECT_EQ(refused.error().field("field"), "entities[1]");
    EXPECT_EQ(refused.error().message().find("entities[1] "), 0u) << refused.error().message();
}

}  // namespace
}  // namespace annals::entities
