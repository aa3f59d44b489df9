// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "method_logic.hpp"

#include <memory>
#include <utility>

#include "messages.hpp"
#include "request_view.hpp"
#include "stream_logic.hpp"

namespace annals::grpc_door {
namespace {

/// One message in, the handler's answer out.
class UnaryLogic final : public CallLogic {
  public:
    UnaryLogic(GenericCall& call, const RpcMethod& method) : call_(call), method_(method) {}

    void on_message(grpc::Slice message) override {
        auto request = std::make_shared<RequestView>(call_.context(), std::move(message));
        call_.hold();  // until the handler's answer has come back
        RpcDone done = [this](RpcAnswer answer) {
            call_.door().loop->call([this, kept = std::move(answer)]() mutable {
                finish(std::move(kept));
            });
        };
        if (!method_.may_block) {
            method_.handle(*request, std::move(done));
            return;
        }
        const bool is_taken = call_.door().readers.post(
            [this, request = std::move(request), done = std::move(done)] {
                method_.handle(*request, done);
            }
        );
        if (!is_taken) finish(RpcAnswer::failed(workers_busy()));
    }

    void on_end_of_messages() override {
        call_.finish(
            RpcAnswer::failed(Error(ErrorCode::kInvalidArgument, "the call ended without a request")
                                  .with("field", "request"))
        );
    }

    void on_drain() override {}

  private:
    void finish(RpcAnswer answer) {
        if (!call_.is_over()) call_.finish_unary(std::move(answer));
        call_.release();
    }

    GenericCall& call_;
    const RpcMethod& method_;
};

}  // namespace

std::unique_ptr<CallLogic> make_method_logic(GenericCall& call, const RpcMethod& method) {
    if (method.handle) return std::make_unique<UnaryLogic>(call, method);
    return make_stream_logic(call, method);
}

}  // namespace annals::grpc_door
