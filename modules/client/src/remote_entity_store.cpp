// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "annals/client/entity_client.hpp"
#include "annals/documents/document_text.hpp"
#include "annals/entity_wire/messages.hpp"

#include "blocking_call.hpp"
#include "bodies.hpp"

namespace annals::client {
namespace {

using api::CallContext;
using api::EntityKey;
using api::WriteOptions;
using api::Written;
using entity_wire::from_proto;
using entity_wire::to_proto;

/// The methods of annals.v1.EntityStore, registered with the channel.
struct EntityMethods {
    explicit EntityMethods(const std::shared_ptr<grpc::Channel>& channel)
        : create("/annals.v1.EntityStore/Create", kUnary, channel),
          create_many("/annals.v1.EntityStore/CreateMany", kUnary, channel),
          replace("/annals.v1.EntityStore/Replace", kUnary, channel),
          patch("/annals.v1.EntityStore/Patch", kUnary, channel),
          remove("/annals.v1.EntityStore/Delete", kUnary, channel),
          undo("/annals.v1.EntityStore/Undo", kUnary, channel),
          get("/annals.v1.EntityStore/Get", kUnary, channel),
          history("/annals.v1.EntityStore/GetHistory", kUnary, channel),
          diff("/annals.v1.EntityStore/Diff", kUnary, channel),
          list("/annals.v1.EntityStore/List", kUnary, channel),
          count("/annals.v1.EntityStore/Count", kUnary, channel) {}

    static constexpr auto kUnary = grpc::internal::RpcMethod::NORMAL_RPC;
    Methods::Method create, create_many, replace, patch, remove, undo, get, history, diff, list,
        count;
};

/// A request about one entity.
template <typename Request>
Request about(const EntityKey& key) {
    Request request;
    request.set_type(key.type);
    request.set_id(key.id);
    return request;
}

class GrpcEntityStore final : public api::EntityStore {
  public:
    explicit GrpcEntityStore(std::shared_ptr<Core> core)
        : core_(std::move(core)), methods_(core_->channel) {}

    Result<Written> create(
        const CallContext& context,
        const std::string& type,
        api::NewEntity entity,
        const WriteOptions& options
    ) override {
        v1::CreateEntityRequest request = about<v1::CreateEntityRequest>({type, entity.id});
        request.set_document(documents::to_text(entity.document));
        return change(methods_.create, context, std::move(request), options);
    }

    Result<std::vector<Written>> create_many(
        const CallContext& context,
        const std::string& type,
        std::vector<api::NewEntity> entities,
        const WriteOptions& options
    ) override {
        v1::CreateEntitiesRequest request;
        request.set_type(type);
        for (const api::NewEntity& entity : entities) {
            v1::NewEntity& made = *request.add_entities();
            made.set_id(entity.id);
            made.set_document(documents::to_text(entity.document));
        }
        *request.mutable_write() = to_proto(options);
        ANNALS_TRY(
            const auto answer,
            call<v1::WrittenEntities>(methods_.create_many, context, std::move(request))
        );
        return from_proto(answer);
    }

    Result<Written> replace(
        const CallContext& context,
        const EntityKey& key,
        const documents::Value& document,
        const WriteOptions& options,
        bool may_create
    ) override {
        v1::ReplaceEntityRequest request = about<v1::ReplaceEntityRequest>(key);
        request.set_document(documents::to_text(document));
        request.set_may_create(may_create);
        return change(methods_.replace, context, std::move(request), options);
    }

    Result<Written> patch(
        const CallContext& context,
        const EntityKey& key,
        const documents::Patch& patch,
        const WriteOptions& options
    ) override {
        v1::PatchEntityRequest request = about<v1::PatchEntityRequest>(key);
        entity_wire::set_patch(request, patch);
        return change(methods_.patch, context, std::move(request), options);
    }

    Result<Written> remove(
        const CallContext& context, const EntityKey& key, const WriteOptions& options
    ) override {
        return change(methods_.remove, context, about<v1::DeleteEntityRequest>(key), options);
    }

    Result<Written> undo(
        const CallContext& context, const EntityKey& key, Revision to, const WriteOptions& options
    ) override {
        v1::UndoEntityRequest request = about<v1::UndoEntityRequest>(key);
        request.set_to_revision(to.value);
        return change(methods_.undo, context, std::move(request), options);
    }

    Result<api::Entity> get(
        const CallContext& context, const EntityKey& key, const api::GetOptions& options
    ) override {
        v1::GetEntityRequest request = about<v1::GetEntityRequest>(key);
        entity_wire::set_options(request, options);
        return read<v1::Entity>(methods_.get, context, std::move(request));
    }

    Result<api::History> history(
        const CallContext& context, const EntityKey& key, Revision from, std::uint32_t limit
    ) override {
        v1::GetEntityHistoryRequest request = about<v1::GetEntityHistoryRequest>(key);
        request.set_from_revision(from.value);
        request.set_limit(limit);
        return read<v1::EntityHistory>(methods_.history, context, std::move(request));
    }

    Result<api::Difference> diff(
        const CallContext& context, const EntityKey& key, Revision before, Revision after
    ) override {
        v1::DiffEntityRequest request = about<v1::DiffEntityRequest>(key);
        request.set_before_revision(before.value);
        request.set_after_revision(after.value);
        return read<v1::EntityDifference>(methods_.diff, context, std::move(request));
    }

    Result<api::EntityPage> list(const CallContext& context, const api::ListEntities& list)
        override {
        ANNALS_TRY(v1::ListEntitiesRequest request, to_proto(list));
        return read<v1::EntityPage>(methods_.list, context, std::move(request));
    }

    Result<api::EntityCount> count(const CallContext& context, const api::ListEntities& list)
        override {
        ANNALS_TRY(v1::ListEntitiesRequest request, to_proto(list));
        ANNALS_TRY(
            const auto answer, call<v1::EntityCount>(methods_.count, context, std::move(request))
        );
        return from_proto(answer);
    }

  private:
    template <typename Response, typename Request>
    Result<Response> call(
        const Methods::Method& method, const CallContext& context, Request request
    ) {
        request.set_namespace_(std::string(sent_namespace(context)));
        const auto decode = [](std::string_view bytes) -> Result<Response> {
            Response response;
            if (response.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
                return response;
            }
            return Error(ErrorCode::kInternal, "the server sent an answer that is none");
        };
        return call_and_wait(*core_, method, context, request.SerializeAsString(), decode);
    }

    template <typename Response, typename Request>
    auto read(const Methods::Method& method, const CallContext& context, Request request)
        -> decltype(from_proto(Response())) {
        ANNALS_TRY(const Response answer, call<Response>(method, context, std::move(request)));
        return from_proto(answer);
    }

    template <typename Request>
    Result<Written> change(
        const Methods::Method& method,
        const CallContext& context,
        Request request,
        const WriteOptions& options
    ) {
        *request.mutable_write() = to_proto(options);
        ANNALS_TRY(const auto answer, call<v1::WrittenEntity>(method, context, std::move(request)));
        return from_proto(answer);
    }

    const std::shared_ptr<Core> core_;
    const EntityMethods methods_;
};

}  // namespace

std::unique_ptr<api::EntityStore> make_entities(std::shared_ptr<Core> core) {
    return std::make_unique<GrpcEntityStore>(std::move(core));
}

Result<std::unique_ptr<api::EntityStore>> connect_entities(const ClientOptions& options) {
    ANNALS_TRY(std::shared_ptr<Core> core, connect_core(options));
    return make_entities(std::move(core));
}

}  // namespace annals::client
