// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// The service behind a real gRPC door, over a whole store in memory, as a foreign client sees it.
#include "annals/entity_door/entity_service.hpp"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "annals/grpc_door/grpc_door.hpp"
#include "annals/grpc_door/testing/raw_client.hpp"
#include "annals/namespaces/testing/memory_store.hpp"
#include "annals/v1/entity_store.pb.h"

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace annals::entity_door {
namespace {

constexpr int kOk = 0;
constexpr int kInvalidArgument = 3;
constexpr int kNotFound = 5;
constexpr int kAlreadyExists = 6;
constexpr int kFailedPrecondition = 9;

template <typename Response>
struct Answer {
    int code = -1;
    std::string reason;  ///< of google.rpc.ErrorInfo
    Response message;
};

class EntityServiceTest : public ::testing::Test {
  protected:
    EntityServiceTest() {
        EntityServiceOptions service;
        service.metrics = &metrics_;
        service_ = make_entity_service(memory_.store(), entities_, service);
        grpc_door::GrpcDoorOptions options;
        options.address = "127.0.0.1:0";
        auto started = grpc_door::GrpcDoor::start(memory_.store(), options, {service_.get()});
        EXPECT_TRUE(started) << started.error().to_string();
        door_ = std::move(*started);
        client_ = std::make_unique<grpc_door::testing::RawClient>(door_->port());
    }

    template <typename Response, typename Request>
    Answer<Response> call(const std::string& method, const Request& request) {
        const auto raw = client_->call(
            "/annals.v1.EntityStore/" + method, request.SerializeAsString()
        );
        Answer<Response> answer;
        answer.code = raw.code;
        if (raw.code != kOk) {
            google::rpc::Status status;
            google::rpc::ErrorInfo info;
            EXPECT_TRUE(status.ParseFromString(raw.details));
            for (const auto& any : status.details()) any.UnpackTo(&info);
            answer.reason = info.reason();
            return answer;
        }
        EXPECT_EQ(raw.bodies.size(), 1u);
        EXPECT_TRUE(!raw.bodies.empty() && answer.message.ParseFromString(raw.bodies.front()));
        return answer;
    }

    template <typename Request>
    static Request of_entity(const std::string& id) {
        Request request;
        request.set_type("product");
        request.set_id(id);
        return request;
    }
    Answer<v1::WrittenEntity> create(const std::string& id, const std::string& document) {
        auto request = of_entity<v1::CreateEntityRequest>(id);
        request.set_document(document);
        request.mutable_write()->set_actor("ann");
        return call<v1::WrittenEntity>("Create", request);
    }
    Answer<v1::WrittenEntity> patch(const std::string& id, const std::string& merge_patch) {
        auto request = of_entity<v1::PatchEntityRequest>(id);
        request.set_merge_patch(merge_patch);
        return call<v1::WrittenEntity>("Patch", request);
    }
    Answer<v1::Entity> get(const std::string& id) {
        return call<v1::Entity>("Get", of_entity<v1::GetEntityRequest>(id));
    }

    telemetry::Metrics metrics_;
    namespaces::testing::MemoryStore memory_;
    entities::EntityStore entities_{memory_.store()};
    std::unique_ptr<grpc_door::RpcService> service_;
    std::unique_ptr<grpc_door::GrpcDoor> door_;
    std::unique_ptr<grpc_door::testing::RawClient> client_;
};

TEST_F(EntityServiceTest, AnEntityLivesThroughAllCalls) {
    const auto made = create("7", R"({"price":1.50,"big":12345678901234567890123})");
    ASSERT_EQ(made.code, kOk) << made.reason;
    EXPECT_EQ(made.message.revision(), 0u);
    EXPECT_TRUE(made.message.is_durable());
    ASSERT_EQ(patch("7", R"({"price":2})").code, kOk);

    auto replacing = of_entity<v1::ReplaceEntityRequest>("7");
    replacing.set_document(R"({"price":null})");
    replacing.mutable_write()->set_expected_revision(1);
    ASSERT_EQ(call<v1::WrittenEntity>("Replace", replacing).code, kOk);
    const auto stale = call<v1::WrittenEntity>("Replace", replacing);
    EXPECT_EQ(stale.code, kFailedPrecondition);
    EXPECT_EQ(stale.reason, "conflict");

    auto operations = of_entity<v1::PatchEntityRequest>("7");
    operations.set_json_patch(R"([{"op":"add","path":"/l","value":[1]}])");
    ASSERT_EQ(call<v1::WrittenEntity>("Patch", operations).code, kOk);
    EXPECT_EQ(get("7").message.document(), R"({"l":[1],"price":null})");

    auto undoing = of_entity<v1::UndoEntityRequest>("7");
    undoing.set_to_revision(0);
    ASSERT_EQ(call<v1::WrittenEntity>("Undo", undoing).code, kOk);
    const auto entity = get("7");
    EXPECT_EQ(entity.message.document(), R"({"big":12345678901234567890123,"price":1.50})");
    EXPECT_EQ(entity.message.revision(), 4u);
    EXPECT_EQ(entity.message.created().actor(), "ann");
    EXPECT_EQ(entity.message.hash().size(), 64u);

    auto then = of_entity<v1::GetEntityRequest>("7");
    then.set_as_of_revision(1);
    EXPECT_EQ(
        call<v1::Entity>("Get", then).message.document(),
        R"({"big":12345678901234567890123,"price":2})"
    );
    then.set_as_of_time_ns(made.message.time_ns() - 1);
    EXPECT_EQ(call<v1::Entity>("Get", then).reason, "entity_not_found");

    const auto deleting = of_entity<v1::DeleteEntityRequest>("7");
    ASSERT_EQ(call<v1::WrittenEntity>("Delete", deleting).code, kOk);
    EXPECT_EQ(get("7").code, kNotFound);
    EXPECT_EQ(get("7").reason, "entity_deleted");
    auto dead = of_entity<v1::GetEntityRequest>("7");
    dead.set_with_deleted(true);
    EXPECT_TRUE(call<v1::Entity>("Get", dead).message.is_deleted());

    const auto history = call<v1::EntityHistory>(
        "GetHistory", of_entity<v1::GetEntityHistoryRequest>("7")
    );
    ASSERT_EQ(history.message.changes_size(), 6);
    EXPECT_EQ(history.message.changes(0).kind(), v1::ENTITY_CHANGE_KIND_CREATED);
    EXPECT_TRUE(history.message.changes(0).patch().has_document());
    EXPECT_EQ(history.message.changes(1).patch().merge_patch(), R"({"price":2})");
    EXPECT_TRUE(history.message.changes(2).patch().has_json_patch());
    EXPECT_EQ(history.message.changes(4).undoes_to_revision(), 0u);
    EXPECT_EQ(history.message.changes(5).kind(), v1::ENTITY_CHANGE_KIND_DELETED);
    EXPECT_FALSE(history.message.has_next_revision());

    auto comparing = of_entity<v1::DiffEntityRequest>("7");
    comparing.set_before_revision(1);
    comparing.set_after_revision(0);
    const auto difference = call<v1::EntityDifference>("Diff", comparing);
    EXPECT_EQ(difference.message.patch().merge_patch(), R"({"price":1.50})");
    EXPECT_EQ(difference.message.before().revision(), 1u);
}

TEST_F(EntityServiceTest, RefusalsHaveTheirCodesAndReasons) {
    EXPECT_EQ(get("none").code, kNotFound);
    EXPECT_EQ(get("none").reason, "entity_not_found");
    EXPECT_EQ(create("1", "[]").code, kInvalidArgument);
    EXPECT_EQ(create("1", "{").reason, "invalid_argument");
    ASSERT_EQ(create("1", "{}").code, kOk);
    EXPECT_EQ(create("1", "{}").code, kAlreadyExists);
    EXPECT_EQ(create("1", "{}").reason, "entity_exists");
    const auto no_patch = of_entity<v1::PatchEntityRequest>("1");
    EXPECT_EQ(call<v1::WrittenEntity>("Patch", no_patch).code, kInvalidArgument);
    auto unfit = no_patch;
    unfit.set_json_patch(R"([{"op":"remove","path":"/x"}])");
    EXPECT_EQ(call<v1::WrittenEntity>("Patch", unfit).reason, "patch_failed");
    v1::CreateEntitiesRequest none;
    none.set_type("product");
    EXPECT_EQ(call<v1::WrittenEntities>("CreateMany", none).reason, "invalid_argument");
    EXPECT_EQ(client_->call("/annals.v1.EntityStore/Get", "\xFF\xFF").code, kInvalidArgument);
}

TEST_F(EntityServiceTest, ManyAreCreatedListedAndCounted) {
    v1::CreateEntitiesRequest request;
    request.set_type("product");
    for (int i = 0; i < 25; ++i) {
        v1::NewEntity& entity = *request.add_entities();
        entity.set_id("p" + std::to_string(10 + i));
        entity.set_document(R"({"n":)" + std::to_string(i) + "}");
    }
    const auto made = call<v1::WrittenEntities>("CreateMany", request);
    ASSERT_EQ(made.code, kOk) << made.reason;
    EXPECT_EQ(made.message.entities_size(), 25);

    v1::ListEntitiesRequest listing;
    listing.set_type("product");
    listing.add_where("n>=12");
    listing.set_min_position(made.message.entities(0).position());
    auto page = call<v1::EntityPage>("List", listing);
    ASSERT_EQ(page.code, kOk) << page.reason;
    ASSERT_EQ(page.message.entities_size(), 10);
    EXPECT_EQ(page.message.entities(0).id(), "p22");
    EXPECT_EQ(page.message.entities(0).document(), R"({"n":12})");
    listing.set_after(page.message.next());
    listing.set_skip_documents(true);
    page = call<v1::EntityPage>("List", listing);
    ASSERT_EQ(page.message.entities_size(), 3);
    EXPECT_EQ(page.message.entities(2).id(), "p34");
    EXPECT_EQ(page.message.entities(2).document(), "");
    EXPECT_EQ(page.message.next(), "");
    listing.clear_after();
    EXPECT_EQ(call<v1::EntityCount>("Count", listing).message.entities(), 13u);
    listing.add_where("no sense");
    EXPECT_EQ(call<v1::EntityPage>("List", listing).code, kInvalidArgument);
}

TEST_F(EntityServiceTest, NamespacesHaveEntitiesOfTheirOwn) {
    ASSERT_TRUE(memory_.store().create_namespace({}, "other"));
    ASSERT_EQ(create("1", "{}").code, kOk);
    auto elsewhere = of_entity<v1::GetEntityRequest>("1");
    elsewhere.set_namespace_("other");
    EXPECT_EQ(call<v1::Entity>("Get", elsewhere).reason, "entity_not_found");
    elsewhere.set_namespace_("nowhere");
    EXPECT_EQ(call<v1::Entity>("Get", elsewhere).reason, "namespace_not_found");
}

TEST_F(EntityServiceTest, ARetryUnderAKeyIsAnsweredAlike) {
    ASSERT_EQ(create("1", R"({"l":[]})").code, kOk);
    auto request = of_entity<v1::PatchEntityRequest>("1");
    request.set_json_patch(R"([{"op":"add","path":"/l/-","value":1}])");
    request.mutable_write()->set_idempotency_key("k");
    const auto first = call<v1::WrittenEntity>("Patch", request);
    const auto again = call<v1::WrittenEntity>("Patch", request);
    ASSERT_EQ(again.code, kOk) << again.reason;
    EXPECT_TRUE(again.message.is_replay());
    EXPECT_EQ(again.message.revision(), first.message.revision());
    EXPECT_EQ(get("1").message.document(), R"({"l":[1]})");
}

TEST_F(EntityServiceTest, SnapshotsAreCounted) {
    ASSERT_EQ(create("1", "{}").code, kOk);
    for (int i = 0; i < 70; ++i) {
        ASSERT_EQ(patch("1", R"({"n":)" + std::to_string(i) + "}").code, kOk);
    }
    const std::string text = metrics_.expose();
    EXPECT_NE(text.find("annals_entity_snapshots_total{result=\"stored\"} 1"), std::string::npos)
        << text;
    EXPECT_NE(text.find("annals_entity_cache_lookups_total{result=\"hit\"}"), std::string::npos)
        << text;
}

TEST_F(EntityServiceTest, ManyCallersAtATimeAreAllAnswered) {
    ASSERT_EQ(create("1", R"({"l":[]})").code, kOk);
    constexpr int kCallers = 6;
    constexpr int kChanges = 20;
    std::vector<std::thread> callers;
    callers.reserve(kCallers);
    for (int i = 0; i < kCallers; ++i) {
        callers.emplace_back([this, i] {
            grpc_door::testing::RawClient client(door_->port());
            auto request = of_entity<v1::PatchEntityRequest>("1");
            for (int change = 1; change <= kChanges; ++change) {
                request.set_merge_patch(
                    R"({"c)" + std::to_string(i) + R"(":)" + std::to_string(change) + "}"
                );
                EXPECT_EQ(
                    client.call("/annals.v1.EntityStore/Patch", request.SerializeAsString()).code,
                    kOk
                );
            }
        });
    }
    for (std::thread& caller : callers) caller.join();
    // Each of them once, also those that lost a race.
    EXPECT_EQ(get("1").message.revision(), static_cast<std::uint64_t>(kCallers * kChanges));
}

TEST_F(EntityServiceTest, KeepsTypesAndChecksEntitiesAgainstThem) {
    v1::PutEntityTypeRequest put;
    put.set_type("product");
    put.set_schema(
        R"({"type":"object","required":["name"],"properties":{"price":{"type":"number"}}})"
    );
    put.set_actor("ann");
    const auto made = call<v1::EntityType>("PutEntityType", put);
    ASSERT_EQ(made.code, kOk);
    EXPECT_EQ(made.message.version(), 1u);
    EXPECT_EQ(made.message.compatibility(), v1::SCHEMA_COMPATIBILITY_BACKWARD);
    EXPECT_EQ(made.message.draft(), v1::SCHEMA_DRAFT_2020_12);

    const auto refused = create("1", R"({"price":2})");
    EXPECT_EQ(refused.code, kInvalidArgument);
    EXPECT_EQ(refused.reason, "document_not_valid");
    EXPECT_EQ(create("1", R"({"name":"pen","price":2})").code, kOk);

    v1::CheckSchemaRequest check;
    check.set_type("product");
    check.set_schema(R"({"required":["name"],"properties":{"price":{"type":"string"}}})");
    check.set_against_data(true);
    const auto report = call<v1::SchemaReport>("CheckSchema", check);
    ASSERT_EQ(report.code, kOk);
    EXPECT_EQ(report.message.against_version(), 1u);
    ASSERT_EQ(report.message.breaks_size(), 1);
    EXPECT_EQ(report.message.breaks(0).place(), "/properties/price");
    ASSERT_EQ(report.message.failures_size(), 1);
    EXPECT_EQ(report.message.failures(0).first().rule(), "#/properties/price/type");

    put.set_schema(check.schema());
    const auto narrower = call<v1::EntityType>("PutEntityType", put);
    EXPECT_EQ(narrower.code, kFailedPrecondition);
    EXPECT_EQ(narrower.reason, "schema_not_compatible");
    put.set_skip_check(true);
    EXPECT_EQ(call<v1::EntityType>("PutEntityType", put).message.breaks_size(), 1);
    put.set_schema(R"({"type":"text"})");
    EXPECT_EQ(call<v1::EntityType>("PutEntityType", put).reason, "schema_not_acceptable");
    put.set_compatibility(static_cast<v1::SchemaCompatibility>(9));
    EXPECT_EQ(call<v1::EntityType>("PutEntityType", put).reason, "invalid_argument");

    v1::GetEntityTypeRequest get;
    get.set_type("product");
    get.set_version(1);
    EXPECT_EQ(
        call<v1::EntityType>("GetEntityType", get).message.schema(),
        R"({"properties":{"price":{"type":"number"}},"required":["name"],"type":"object"})"
    );
    v1::DeleteEntityTypeRequest gone;
    gone.set_type("product");
    EXPECT_TRUE(call<v1::EntityType>("DeleteEntityType", gone).message.is_deleted());
    EXPECT_EQ(
        call<v1::EntityTypePage>("ListEntityTypes", v1::ListEntityTypesRequest())
            .message.types_size(),
        0
    );
    v1::ListEntityTypeVersionsRequest versions;
    versions.set_type("product");
    EXPECT_EQ(call<v1::EntityTypePage>("ListEntityTypeVersions", versions).message.types_size(), 3);
    get.clear_version();
    const auto missing = call<v1::EntityType>("GetEntityType", get);
    EXPECT_EQ(missing.code, kNotFound);
    EXPECT_EQ(missing.reason, "entity_type_not_found");
}

}  // namespace
}  // namespace annals::entity_door
