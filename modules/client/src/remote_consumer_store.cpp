// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <memory>
#include <string>
#include <utility>

#include "annals/api_wire/consumer_wire.hpp"
#include "annals/client/consumer_client.hpp"

#include "blocking_call.hpp"
#include "bodies.hpp"

namespace annals::client {
namespace {

using api::CallContext;
using api::ConsumerProgress;

/// The methods of annals.v1.ConsumerStore, registered with the channel.
struct ConsumerMethods {
    explicit ConsumerMethods(const std::shared_ptr<grpc::Channel>& channel)
        : claim("/annals.v1.ConsumerStore/Claim", kUnary, channel),
          save("/annals.v1.ConsumerStore/Save", kUnary, channel),
          rewind("/annals.v1.ConsumerStore/Rewind", kUnary, channel),
          get("/annals.v1.ConsumerStore/Get", kUnary, channel),
          list("/annals.v1.ConsumerStore/List", kUnary, channel),
          remove("/annals.v1.ConsumerStore/Delete", kUnary, channel),
          history("/annals.v1.ConsumerStore/History", kUnary, channel) {}

    static constexpr auto kUnary = grpc::internal::RpcMethod::NORMAL_RPC;
    Methods::Method claim, save, rewind, get, list, remove, history;
};

class GrpcConsumerStore final : public api::ConsumerStore {
  public:
    explicit GrpcConsumerStore(std::shared_ptr<Core> core)
        : core_(std::move(core)), methods_(core_->channel) {}

    Result<ConsumerProgress> claim(
        const CallContext& context, const api::ClaimConsumerRequest& request
    ) override {
        std::string bytes;
        api_wire::encode_claim_consumer_request(bytes, sent_namespace(context), request);
        return progress(methods_.claim, context, std::move(bytes));
    }

    void save(
        const CallContext& context, const api::SaveProgressRequest& request, api::SaveDone done
    ) override {
        std::string bytes;
        api_wire::encode_save_progress_request(bytes, sent_namespace(context), request);
        start_unary(
            *core_,
            methods_.save,
            context,
            grpc_kit::make_buffer(std::move(bytes)),
            [done = std::move(done)](Result<std::string_view> answer) {
                if (!answer) return done(std::move(answer).take_error());
                done(api_wire::decode_consumer_progress(*answer));
            }
        );
    }

    Result<ConsumerProgress> rewind(
        const CallContext& context, const api::RewindConsumerRequest& request
    ) override {
        std::string bytes;
        api_wire::encode_rewind_consumer_request(bytes, sent_namespace(context), request);
        return progress(methods_.rewind, context, std::move(bytes));
    }

    Result<ConsumerProgress> get(const CallContext& context, const std::string& consumer) override {
        return progress(methods_.get, context, named(context, consumer));
    }

    Result<api::ConsumerList> list(
        const CallContext& context, const api::ListConsumersRequest& request
    ) override {
        std::string bytes;
        api_wire::encode_list_consumers_request(bytes, sent_namespace(context), request);
        return call_and_wait(
            *core_, methods_.list, context, std::move(bytes), api_wire::decode_consumer_list
        );
    }

    Status remove(const CallContext& context, const api::RemoveConsumerRequest& request) override {
        std::string bytes;
        api_wire::encode_remove_consumer_request(bytes, sent_namespace(context), request);
        const auto nothing = [](std::string_view) -> Result<bool> { return true; };
        ANNALS_CHECK(call_and_wait(*core_, methods_.remove, context, std::move(bytes), nothing));
        return ok();
    }

    Result<api::ConsumerHistory> history(
        const CallContext& context, const api::ConsumerHistoryRequest& request
    ) override {
        std::string bytes;
        api_wire::encode_consumer_history_request(bytes, sent_namespace(context), request);
        return call_and_wait(
            *core_, methods_.history, context, std::move(bytes), api_wire::decode_consumer_history
        );
    }

  private:
    static std::string named(const CallContext& context, const std::string& consumer) {
        std::string bytes;
        api_wire::encode_named_consumer_request(bytes, sent_namespace(context), consumer);
        return bytes;
    }

    Result<ConsumerProgress> progress(
        const Methods::Method& method, const CallContext& context, std::string bytes
    ) {
        return call_and_wait(
            *core_, method, context, std::move(bytes), api_wire::decode_consumer_progress
        );
    }

    const std::shared_ptr<Core> core_;
    const ConsumerMethods methods_;
};

}  // namespace

std::unique_ptr<api::ConsumerStore> make_consumer_store(std::shared_ptr<Core> core) {
    return std::make_unique<GrpcConsumerStore>(std::move(core));
}

Result<std::unique_ptr<api::ConsumerStore>> connect_consumers(const ClientOptions& options) {
    ANNALS_TRY(std::shared_ptr<Core> core, connect_core(options));
    return make_consumer_store(std::move(core));
}

}  // namespace annals::client
