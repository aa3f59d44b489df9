// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/grpc_door/consumer_store_service.hpp"

#include <string>
#include <utility>

#include "annals/api_wire/consumer_wire.hpp"

namespace annals::grpc_door {
namespace {

using Body = Result<std::string>;

RpcAnswer answer_of(Body body) {
    if (!body) return RpcAnswer::failed(body.error());
    return RpcAnswer::ok(std::move(*body));
}

Body body_of(const Result<api::ConsumerProgress>& progress) {
    if (!progress) return progress.error();
    std::string body;
    api_wire::encode_consumer_progress(body, *progress);
    return body;
}

class ConsumerStoreService final : public RpcService {
  public:
    explicit ConsumerStoreService(api::ConsumerStore& store) : store_(store) {}

    [[nodiscard]] std::string_view full_name() const override { return "annals.v1.ConsumerStore"; }

    [[nodiscard]] std::vector<RpcMethod> methods() override {
        std::vector<RpcMethod> methods;
        methods.push_back(blocking("Claim", &ConsumerStoreService::claim));
        methods.push_back(saving());
        methods.push_back(blocking("Rewind", &ConsumerStoreService::rewind));
        methods.push_back(blocking("Get", &ConsumerStoreService::get));
        methods.push_back(blocking("List", &ConsumerStoreService::list));
        methods.push_back(blocking("Delete", &ConsumerStoreService::remove));
        methods.push_back(blocking("History", &ConsumerStoreService::history));
        return methods;
    }

  private:
    using Blocking = Body (ConsumerStoreService::*)(const RpcRequest&);

    RpcMethod blocking(std::string name, Blocking member) {
        RpcMethod method;
        method.name = std::move(name);
        method.may_block = true;
        method.handle = [this, member](const RpcRequest& request, const RpcDone& done) {
            done(answer_of((this->*member)(request)));
        };
        return method;
    }

    RpcMethod saving() {
        RpcMethod method;
        method.name = "Save";
        method.may_block = true;  // it may read the disk; the sync it does not wait for
        method.handle = [this](const RpcRequest& request, const RpcDone& done) {
            const auto call = api_wire::decode_save_progress_request(request.message());
            if (!call) return done(RpcAnswer::failed(call.error()));
            store_.save(
                api::in_namespace(request.context(), call->name_space),
                call->request,
                [done](const Result<api::ConsumerProgress>& progress) {
                    done(answer_of(body_of(progress)));
                }
            );
        };
        return method;
    }

    Body claim(const RpcRequest& request) {
        ANNALS_TRY(const auto call, api_wire::decode_claim_consumer_request(request.message()));
        const auto context = api::in_namespace(request.context(), call.name_space);
        return body_of(store_.claim(context, call.request));
    }

    Body rewind(const RpcRequest& request) {
        ANNALS_TRY(const auto call, api_wire::decode_rewind_consumer_request(request.message()));
        const auto context = api::in_namespace(request.context(), call.name_space);
        return body_of(store_.rewind(context, call.request));
    }

    Body get(const RpcRequest& request) {
        ANNALS_TRY(const auto call, api_wire::decode_named_consumer_request(request.message()));
        const auto context = api::in_namespace(request.context(), call.name_space);
        return body_of(store_.get(context, call.consumer));
    }

    Body list(const RpcRequest& request) {
        ANNALS_TRY(const auto call, api_wire::decode_list_consumers_request(request.message()));
        const auto context = api::in_namespace(request.context(), call.name_space);
        ANNALS_TRY(const api::ConsumerList found, store_.list(context, call.request));
        std::string body;
        api_wire::encode_consumer_list(body, found);
        return body;
    }

    Body remove(const RpcRequest& request) {
        ANNALS_TRY(const auto call, api_wire::decode_remove_consumer_request(request.message()));
        const auto context = api::in_namespace(request.context(), call.name_space);
        ANNALS_CHECK(store_.remove(context, call.request));
        return std::string();
    }

    Body history(const RpcRequest& request) {
        ANNALS_TRY(const auto call, api_wire::decode_consumer_history_request(request.message()));
        const auto context = api::in_namespace(request.context(), call.name_space);
        ANNALS_TRY(const api::ConsumerHistory found, store_.history(context, call.request));
        std::string body;
        api_wire::encode_consumer_history(body, found);
        return body;
    }

    api::ConsumerStore& store_;
};

}  // namespace

std::unique_ptr<RpcService> make_consumer_store_service(api::ConsumerStore& store) {
    return std::make_unique<ConsumerStoreService>(store);
}

}  // namespace annals::grpc_door
