// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "remote_subscription.hpp"

#include <string>
#include <utility>

#include "annals/api_wire/subscribe_wire.hpp"
#include "annals/grpc_kit/bytes.hpp"

#include "message_stream.hpp"

namespace annals::client {
namespace {

class RemoteSubscription final : public api::Subscription {
  public:
    RemoteSubscription(std::shared_ptr<Core> core, std::shared_ptr<MessageStream> stream)
        : core_(std::move(core)), stream_(std::move(stream)) {}
    ~RemoteSubscription() override { stream_->close(); }

    Result<bool> try_next(api::SubscriptionFrame& frame) override {
        grpc::ByteBuffer message;
        ANNALS_TRY(const MessageStream::Next next, stream_->next(message));
        if (next == MessageStream::Next::kNothing) return false;
        if (next == MessageStream::Next::kEnd) {
            return Error(ErrorCode::kUnavailable, "the server ended the subscription");
        }
        const grpc::Slice bytes = grpc_kit::flatten(message);
        ANNALS_TRY(frame, api_wire::decode_subscribe_response(grpc_kit::view(bytes)));
        return true;
    }

    void set_waker(std::function<void()> waker) override { stream_->set_waker(std::move(waker)); }

  private:
    const std::shared_ptr<Core> core_;  ///< outlives the stream's operations
    const std::shared_ptr<MessageStream> stream_;
};

}  // namespace

Result<std::unique_ptr<api::Subscription>> subscribe_remote(
    std::shared_ptr<Core> core,
    const api::CallContext& context,
    const api::SubscribeRequest& request
) {
    std::string bytes;
    api_wire::encode_subscribe_request(bytes, sent_namespace(context), request);
    ANNALS_TRY(
        std::shared_ptr<MessageStream> stream,
        MessageStream::start(
            *core,
            core->streams(),
            core->methods.subscribe,
            context,
            grpc_kit::make_buffer(std::move(bytes)),
            core->options.subscription_frames_max
        )
    );
    return std::make_unique<RemoteSubscription>(std::move(core), std::move(stream));
}

}  // namespace annals::client
