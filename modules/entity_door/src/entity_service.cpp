// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/entity_door/entity_service.hpp"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "annals/api/owned_context.hpp"
#include "annals/documents/document_text.hpp"
#include "annals/entities/entity_store.hpp"
#include "annals/entities/entity_types.hpp"
#include "annals/entity_wire/messages.hpp"
#include "annals/entity_wire/type_messages.hpp"
#include "annals/model/refusals.hpp"
#include "annals/runtime/worker_pool.hpp"
#include "annals/v1/entity_store.pb.h"

namespace annals::entity_door {
namespace {

using entities::EntityStore;
using entities::Written;
using entity_wire::entities_of;
using entity_wire::get_options;
using entity_wire::key_of;
using entity_wire::list_of;
using entity_wire::patch_of;
using entity_wire::to_proto;
using entity_wire::write_options;
using grpc_door::RpcAnswer;
using grpc_door::RpcDone;
using grpc_door::RpcMethod;
using grpc_door::RpcRequest;

/// Of a history that names no limit.
constexpr std::uint32_t kUsualChanges = 100;
/// Requests that are looked at on the door's thread.
constexpr std::size_t kQuickWriteBytesMax = 16u << 10u;
/// Of a list of types that names no limit.
constexpr std::uint32_t kUsualTypes = 100;

class EntityService final : public grpc_door::RpcService {
  public:
    EntityService(
        api::EventStore& store, EntityStore& entities, const EntityServiceOptions& options
    )
        : entities_(entities),
          types_(entities::make_entity_types(store)),
          pool_("entities", options.threads, options.waiting_max) {
        if (options.metrics == nullptr) return;
        count_snapshots(*options.metrics);
        count_states(*options.metrics);
        if (const entities::ReadModel* model = entities.read_model()) {
            count_model(*options.metrics, *model);
        }
    }

    ~EntityService() override {
        // Those on the log's way come back here; those on ours end with the pool.
        std::unique_lock lock(under_way_mutex_);
        none_under_way_.wait(lock, [this] { return under_way_ == 0; });
    }
    EntityService(const EntityService&) = delete;
    EntityService& operator=(const EntityService&) = delete;

    [[nodiscard]] std::string_view full_name() const override { return "annals.v1.EntityStore"; }

    [[nodiscard]] std::vector<RpcMethod> methods() override {
        return {
            write_method("Create", &EntityService::create, &EntityService::try_create),
            method("CreateMany", &EntityService::create_many),
            write_method("Replace", &EntityService::replace, &EntityService::try_replace),
            write_method("Patch", &EntityService::patch, &EntityService::try_patch),
            write_method("Delete", &EntityService::remove, &EntityService::try_remove),
            method("Undo", &EntityService::undo),
            get_method(),
            method("GetHistory", &EntityService::history),
            method("Diff", &EntityService::diff),
            method("List", &EntityService::list),
            method("Count", &EntityService::count),
            method("PutEntityType", &EntityService::put_type),
            method("GetEntityType", &EntityService::get_type),
            method("ListEntityTypes", &EntityService::list_types),
            method("ListEntityTypeVersions", &EntityService::list_type_versions),
            method("DeleteEntityType", &EntityService::delete_type),
            method("CheckSchema", &EntityService::check_schema),
        };
    }

  private:
    void count_snapshots(telemetry::Metrics& metrics) {
        const auto add = [&](std::string result, std::uint64_t entities::SnapshotCounts::* count) {
            counters_.push_back(metrics.counter_callback(
                "annals_entity_snapshots_total",
                "Snapshots of entities: hit, stored, rejected (not of this history), failed.",
                [this, count] { return static_cast<double>(entities_.snapshot_counts().*count); },
                {{"result", std::move(result)}}
            ));
        };
        add("hit", &entities::SnapshotCounts::hits);
        add("stored", &entities::SnapshotCounts::stored);
        add("rejected", &entities::SnapshotCounts::rejected);
        add("failed", &entities::SnapshotCounts::failed);
    }

    void count_states(telemetry::Metrics& metrics) {
        const auto add = [&](std::string result,
                             std::uint64_t entities::StateCacheCounts::* count) {
            counters_.push_back(metrics.counter_callback(
                "annals_entity_cache_lookups_total",
                "How often the states of entities that are kept in memory were asked for one.",
                [this, count] {
                    return static_cast<double>(entities_.state_cache_counts().*count);
                },
                {{"result", std::move(result)}}
            ));
        };
        add("hit", &entities::StateCacheCounts::hits);
        add("miss", &entities::StateCacheCounts::misses);
    }

    void count_model(telemetry::Metrics& metrics, const entities::ReadModel& model) {
        using Counts = entities::ReadModelCounts;
        const auto add = [&](std::string_view name,
                             std::string_view help,
                             std::uint64_t Counts::* count,
                             telemetry::Labels labels = {}) {
            counters_.push_back(metrics.counter_callback(
                name,
                help,
                [&model, count] { return static_cast<double>(model.counts().*count); },
                std::move(labels)
            ));
        };
        constexpr std::string_view kListed = "annals_entity_model_listed_total";
        constexpr std::string_view kListedHelp =
            "Entities that lists looked at: answered from the read model, or folded.";
        add(kListed, kListedHelp, &Counts::answered, {{"from", "model"}});
        add(kListed, kListedHelp, &Counts::folded, {{"from", "fold"}});
        add("annals_entity_model_events_total",
            "Events that were folded into the read model of entities.",
            &Counts::events);
        add("annals_entity_model_rebuilds_total",
            "Types whose read model was of another log and began anew.",
            &Counts::rebuilds);
        add("annals_entity_model_failures_total",
            "Reads of the log, and of the read model's own files, that failed.",
            &Counts::failures);
        counters_.push_back(metrics.gauge_callback(
            "annals_entity_model_lag_events",
            "Positions that the read models of all types were behind when last brought forward.",
            [&model] { return static_cast<double>(model.counts().lag_events); }
        ));
    }

    template <typename Request, typename Response>
    using Member = Result<Response> (EntityService::*)(
        const api::CallContext& context, const Request& request
    );

    /// Decodes on the door's thread, runs on a thread of ours.
    template <typename Request, typename Response>
    RpcMethod method(std::string name, Member<Request, Response> member) {
        RpcMethod method;
        method.name = std::move(name);
        method.handle = [this, member](const RpcRequest& call, const RpcDone& done) {
            const std::string_view bytes = call.message();
            // Shared with the task, which must be copyable.
            const auto request = std::make_shared<Request>();
            if (!request->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
                done(RpcAnswer::failed(model::refused("request", "", "it must be the message")));
                return;
            }
            run<Request, Response>(member, request, api::OwnedContext(call.context()), done);
        };
        return method;
    }

    /// On a thread of ours.
    template <typename Request, typename Response>
    void run(
        Member<Request, Response> member,
        std::shared_ptr<const Request> request,
        api::OwnedContext context,
        const RpcDone& done
    ) {
        const bool is_taken = pool_.post(
            [this, member, request = std::move(request), context = std::move(context), done] {
                const Result<Response> answer = (this->*member)(
                    context.in(request->namespace_()), *request
                );
                done(
                    answer ? RpcAnswer::ok(answer->SerializeAsString())
                           : RpcAnswer::failed(answer.error())
                );
            }
        );
        if (is_taken) return;
        done(RpcAnswer::failed(Error(
            ErrorCode::kOverloaded, "too many calls of the entity store wait: try again later"
        )));
    }

    template <typename Request>
    using TryWrite = bool (EntityService::*)(
        const api::CallContext& context, const Request& request, entities::WriteDone done
    );

    /// What is in memory is changed on the door's thread, and answered from the log's: two hops to
    /// threads that wait cost more than the change. All else, and who lost a race, as method().
    template <typename Request>
    RpcMethod write_method(
        std::string name, Member<Request, v1::WrittenEntity> member, TryWrite<Request> attempt
    ) {
        RpcMethod method = this->method(std::move(name), member);
        method.is_hot = true;
        method.handle = [this, member, attempt, slow = std::move(method.handle)](
                            const RpcRequest& call, const RpcDone& done
                        ) {
            const std::string_view bytes = call.message();
            // Shared with the answer, which may have to begin again.
            const auto request = std::make_shared<Request>();
            if (bytes.size() > kQuickWriteBytesMax ||
                !request->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
                slow(call, done);
                return;
            }
            const api::OwnedContext owned(call.context());
            api::CallContext context = call.context();
            if (!request->namespace_().empty()) context.name_space = request->namespace_();
            begin_write();
            const auto answer = [this, member, request, owned, done](Result<Written> written) {
                if (written) {
                    done(RpcAnswer::ok(to_proto(*written).SerializeAsString()));
                } else if (written.error().code() == ErrorCode::kConflict) {
                    run<Request, v1::WrittenEntity>(member, request, owned, done);
                } else {
                    done(RpcAnswer::failed(written.error()));
                }
                end_write();
            };
            if (!(this->*attempt)(context, *request, answer)) {
                end_write();
                run<Request, v1::WrittenEntity>(member, request, owned, done);
            }
        };
        return method;
    }

    void begin_write() {
        const std::lock_guard lock(under_way_mutex_);
        ++under_way_;
    }
    void end_write() {
        const std::lock_guard lock(under_way_mutex_);
        if (--under_way_ == 0) none_under_way_.notify_all();
    }

    bool try_create(
        const api::CallContext& context,
        const v1::CreateEntityRequest& request,
        entities::WriteDone done
    ) {
        auto document = documents::parse_object(request.document());
        if (!document) return false;
        return entities_.try_create(
            context,
            request.type(),
            {request.id(), std::move(*document)},
            write_options(request.write()),
            std::move(done)
        );
    }

    bool try_replace(
        const api::CallContext& context,
        const v1::ReplaceEntityRequest& request,
        entities::WriteDone done
    ) {
        const auto document = documents::parse_object(request.document());
        if (!document) return false;
        return entities_.try_replace(
            context,
            key_of(request),
            *document,
            write_options(request.write()),
            request.may_create(),
            std::move(done)
        );
    }

    bool try_patch(
        const api::CallContext& context,
        const v1::PatchEntityRequest& request,
        entities::WriteDone done
    ) {
        const auto wanted = patch_of(request);
        if (!wanted) return false;
        return entities_.try_patch(
            context, key_of(request), *wanted, write_options(request.write()), std::move(done)
        );
    }

    bool try_remove(
        const api::CallContext& context,
        const v1::DeleteEntityRequest& request,
        entities::WriteDone done
    ) {
        return entities_.try_remove(
            context, key_of(request), write_options(request.write()), std::move(done)
        );
    }

    /// What is in memory is answered on the door's thread: a hop to another costs more than it.
    RpcMethod get_method() {
        RpcMethod method = this->method("Get", &EntityService::get);
        method.is_hot = true;
        method.handle =
            [this, slow = std::move(method.handle)](const RpcRequest& call, const RpcDone& done) {
                const std::string_view bytes = call.message();
                v1::GetEntityRequest request;
                if (request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
                    api::CallContext context = call.context();
                    if (!request.namespace_().empty()) context.name_space = request.namespace_();
                    const auto entity = entities_.try_get(
                        context, key_of(request), get_options(request)
                    );
                    if (entity && *entity) {
                        done(RpcAnswer::ok(to_proto(**entity).SerializeAsString()));
                        return;
                    }
                }
                slow(call, done);
            };
        return method;
    }

    Result<v1::WrittenEntity> create(
        const api::CallContext& context, const v1::CreateEntityRequest& request
    ) {
        ANNALS_TRY(auto document, documents::parse_object(request.document()));
        ANNALS_TRY(
            const auto written,
            entities_.create(
                context,
                request.type(),
                {request.id(), std::move(document)},
                write_options(request.write())
            )
        );
        return to_proto(written);
    }

    Result<v1::WrittenEntities> create_many(
        const api::CallContext& context, const v1::CreateEntitiesRequest& request
    ) {
        ANNALS_TRY(auto made, entities_of(request));
        ANNALS_TRY(
            const auto written,
            entities_.create_many(
                context, request.type(), std::move(made), write_options(request.write())
            )
        );
        return to_proto(written);
    }

    Result<v1::WrittenEntity> replace(
        const api::CallContext& context, const v1::ReplaceEntityRequest& request
    ) {
        ANNALS_TRY(const auto document, documents::parse_object(request.document()));
        ANNALS_TRY(
            const auto written,
            entities_.replace(
                context,
                key_of(request),
                document,
                write_options(request.write()),
                request.may_create()
            )
        );
        return to_proto(written);
    }

    Result<v1::WrittenEntity> patch(
        const api::CallContext& context, const v1::PatchEntityRequest& request
    ) {
        ANNALS_TRY(const documents::Patch wanted, patch_of(request));
        ANNALS_TRY(
            const auto written,
            entities_.patch(context, key_of(request), wanted, write_options(request.write()))
        );
        return to_proto(written);
    }

    Result<v1::WrittenEntity> remove(
        const api::CallContext& context, const v1::DeleteEntityRequest& request
    ) {
        ANNALS_TRY(
            const auto written,
            entities_.remove(context, key_of(request), write_options(request.write()))
        );
        return to_proto(written);
    }

    Result<v1::WrittenEntity> undo(
        const api::CallContext& context, const v1::UndoEntityRequest& request
    ) {
        const Revision to(request.to_revision());
        ANNALS_TRY(
            const auto written,
            entities_.undo(context, key_of(request), to, write_options(request.write()))
        );
        return to_proto(written);
    }

    Result<v1::Entity> get(const api::CallContext& context, const v1::GetEntityRequest& request) {
        ANNALS_TRY(
            const auto entity, entities_.get(context, key_of(request), get_options(request))
        );
        return to_proto(entity);
    }

    Result<v1::EntityHistory> history(
        const api::CallContext& context, const v1::GetEntityHistoryRequest& request
    ) {
        const std::uint32_t limit = request.limit() == 0 ? kUsualChanges : request.limit();
        const Revision from(request.from_revision());
        ANNALS_TRY(const auto history, entities_.history(context, key_of(request), from, limit));
        return to_proto(history);
    }

    Result<v1::EntityDifference> diff(
        const api::CallContext& context, const v1::DiffEntityRequest& request
    ) {
        ANNALS_TRY(
            const auto difference,
            entities_.diff(
                context,
                key_of(request),
                Revision(request.before_revision()),
                Revision(request.after_revision())
            )
        );
        return to_proto(difference);
    }

    Result<v1::EntityPage> list(
        const api::CallContext& context, const v1::ListEntitiesRequest& request
    ) {
        ANNALS_TRY(const auto wanted, list_of(request));
        ANNALS_TRY(const auto page, entities_.list(context, wanted));
        return to_proto(page, wanted.skip_documents);
    }

    Result<v1::EntityCount> count(
        const api::CallContext& context, const v1::ListEntitiesRequest& request
    ) {
        ANNALS_TRY(const auto wanted, list_of(request));
        ANNALS_TRY(const auto count, entities_.count(context, wanted));
        return to_proto(count);
    }

    Result<v1::EntityType> put_type(
        const api::CallContext& context, const v1::PutEntityTypeRequest& request
    ) {
        ANNALS_TRY(const auto wanted, entity_wire::from_proto(request));
        ANNALS_TRY(const auto type, types_->put(context, wanted));
        return entity_wire::to_proto(type);
    }

    Result<v1::EntityType> get_type(
        const api::CallContext& context, const v1::GetEntityTypeRequest& request
    ) {
        std::optional<std::uint32_t> version;
        if (request.has_version()) version = request.version();
        ANNALS_TRY(const auto type, types_->get(context, request.type(), version));
        return entity_wire::to_proto(type);
    }

    Result<v1::EntityTypePage> list_types(
        const api::CallContext& context, const v1::ListEntityTypesRequest& request
    ) {
        const std::uint32_t limit = request.limit() == 0 ? kUsualTypes : request.limit();
        ANNALS_TRY(const auto list, types_->list(context, request.after(), limit));
        return entity_wire::to_proto(list);
    }

    Result<v1::EntityTypePage> list_type_versions(
        const api::CallContext& context, const v1::ListEntityTypeVersionsRequest& request
    ) {
        entities::EntityTypeList list;
        ANNALS_TRY(list.types, types_->versions(context, request.type()));
        return entity_wire::to_proto(list);
    }

    Result<v1::EntityType> delete_type(
        const api::CallContext& context, const v1::DeleteEntityTypeRequest& request
    ) {
        std::optional<std::uint32_t> expected_version;
        if (request.has_expected_version()) expected_version = request.expected_version();
        ANNALS_TRY(
            const auto type,
            types_->remove(context, request.type(), request.actor(), expected_version)
        );
        return entity_wire::to_proto(type);
    }

    Result<v1::SchemaReport> check_schema(
        const api::CallContext& context, const v1::CheckSchemaRequest& request
    ) {
        ANNALS_TRY(const auto wanted, entity_wire::from_proto(request));
        ANNALS_TRY(const auto report, types_->check(context, wanted));
        return entity_wire::to_proto(report);
    }

    EntityStore& entities_;
    const std::unique_ptr<entities::EntityTypeStore> types_;
    std::vector<telemetry::Metrics::Callback> counters_;
    std::mutex under_way_mutex_;
    std::condition_variable none_under_way_;
    std::size_t under_way_ = 0;  ///< changes that the log has not answered
    /// Last: its tasks use what is above.
    runtime::WorkerPool pool_;
};

}  // namespace

std::unique_ptr<grpc_door::RpcService> make_entity_service(
    api::EventStore& store, EntityStore& entities, const EntityServiceOptions& options
) {
    return std::make_unique<EntityService>(store, entities, options);
}

}  // namespace annals::entity_door
