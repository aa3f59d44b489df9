// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/dialect_eskit/crud_service.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <crudstore/service.pb.h>

#include "annals/api/owned_context.hpp"
#include "annals/runtime/worker_pool.hpp"

#include "crud_calls.hpp"
#include "entity_types.hpp"
#include "rpc_messages.hpp"

namespace annals::dialect_eskit {
namespace {

namespace crudstore = contracts::crudstore;
using grpc_door::RpcAnswer;
using grpc_door::RpcDone;
using grpc_door::RpcMethod;
using grpc_door::RpcRequest;

class CrudService final : public grpc_door::RpcService {
  public:
    CrudService(api::EventStore& store, CrudServiceOptions options)
        : options_(std::move(options)),
          calls_(store),
          types_(store, calls_),
          pool_("eskit-crud", options_.threads, options_.waiting_max) {}

    [[nodiscard]] std::string_view full_name() const override {
        return "contracts.crudstore.CrudStoreService";
    }

    [[nodiscard]] std::vector<RpcMethod> methods() override {
        return {
            method("Healtz", &CrudService::healtz),
            method("Create", &CrudService::create),
            method("Update", &CrudService::update),
            method("Delete", &CrudService::remove),
            method("Get", &CrudService::get),
            method("List", &CrudService::list),
            method("RegisterType", &CrudService::register_type),
            method("GetType", &CrudService::get_type),
            method("UpdateType", &CrudService::update_type),
            method("ListTypes", &CrudService::list_types),
        };
    }

  private:
    template <typename Request, typename Response>
    using Member =
        Outcome<Response> (CrudService::*)(const api::CallContext& context, const Request& request);

    /// Decodes on the door's thread, runs on a thread of ours, which may wait for the log.
    template <typename Request, typename Response>
    RpcMethod method(std::string name, Member<Request, Response> member) {
        RpcMethod method;
        method.name = std::move(name);
        method.handle = [this, member](const RpcRequest& call, const RpcDone& done) {
            auto parsed = parse<Request>(call);
            if (!parsed) return done(answer_of(parsed.error()));
            // Shared with the task, which must be copyable.
            const auto request = std::make_shared<const Request>(std::move(*parsed));
            const bool is_taken = pool_.post(
                [this, member, request, context = api::OwnedContext(call.context()), done] {
                    const auto answer = (this->*member)(context.in(options_.name_space), *request);
                    done(
                        answer ? RpcAnswer::ok(answer->SerializeAsString())
                               : RpcAnswer::failed(answer.error().code, answer.error().text)
                    );
                }
            );
            if (is_taken) return;
            done(answer_of(Error(
                ErrorCode::kOverloaded, "too many calls of the crud store wait: try again later"
            )));
        };
        return method;
    }

    /// Empty, and nothing is looked at.
    Outcome<crudstore::HealthResponse> healtz(
        const api::CallContext& /*context*/, const crudstore::HealthRequest& /*request*/
    ) {
        return crudstore::HealthResponse();
    }

    Outcome<crudstore::CreateResponse> create(
        const api::CallContext& context, const crudstore::CreateRequest& request
    ) {
        const bool is_whole = !request.entity_type().empty() && !request.payload().empty();
        if (is_whole) {
            auto checked = types_.check(context, request.entity_type(), request.payload());
            if (!checked) return tl::unexpected<Refusal>(std::move(checked.error()));
        }
        return calls_.create(context, request);
    }

    Outcome<crudstore::UpdateResponse> update(
        const api::CallContext& context, const crudstore::UpdateRequest& request
    ) {
        const bool is_whole = !request.entity_type().empty() &&
                              !request.originator().id().empty() &&
                              !request.originator().version().empty();
        if (is_whole) {
            auto checked = types_.check(context, request.entity_type(), request.payload());
            if (!checked) return tl::unexpected<Refusal>(std::move(checked.error()));
        }
        return calls_.update(context, request);
    }

    Outcome<crudstore::DeleteResponse> remove(
        const api::CallContext& context, const crudstore::DeleteRequest& request
    ) {
        return calls_.remove(context, request);
    }

    Outcome<crudstore::GetResponse> get(
        const api::CallContext& context, const crudstore::GetRequest& request
    ) {
        return calls_.get(context, request);
    }

    Outcome<crudstore::ListResponse> list(
        const api::CallContext& context, const crudstore::ListRequest& request
    ) {
        return calls_.list(context, request);
    }

    Outcome<crudstore::RegisterTypeResponse> register_type(
        const api::CallContext& context, const crudstore::RegisterTypeRequest& request
    ) {
        return types_.add(context, request);
    }

    Outcome<crudstore::GetTypeResponse> get_type(
        const api::CallContext& context, const crudstore::GetTypeRequest& request
    ) {
        return types_.get(context, request);
    }

    Outcome<crudstore::UpdateTypeResponse> update_type(
        const api::CallContext& context, const crudstore::UpdateTypeRequest& request
    ) {
        return types_.update(context, request);
    }

    Outcome<crudstore::ListTypesResponse> list_types(
        const api::CallContext& context, const crudstore::ListTypesRequest& request
    ) {
        return types_.list(context, request);
    }

    const CrudServiceOptions options_;
    CrudCalls calls_;
    EntityTypes types_;
    /// Last: its tasks use what is above.
    runtime::WorkerPool pool_;
};

}  // namespace

std::unique_ptr<grpc_door::RpcService> make_crud_service(
    api::EventStore& store, CrudServiceOptions options
) {
    return std::make_unique<CrudService>(store, std::move(options));
}

}  // namespace annals::dialect_eskit
