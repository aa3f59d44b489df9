// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>
#include <utility>

#include <grpcpp/support/async_unary_call.h>
#include <grpcpp/support/byte_buffer.h>

#include "annals/grpc_kit/bytes.hpp"
#include "annals/grpc_kit/tag.hpp"

#include "core.hpp"

namespace annals::client {

/// One unary call, from its start to its answer; owns itself. `Done` is called with
/// Result<std::string_view> of the answer's bytes, on the calls' thread; in the caller's where the
/// call cannot be made.
template <typename Done>
class UnaryCall final : public grpc_kit::Tag {
  public:
    static void start(
        Core& core,
        const Methods::Method& method,
        const api::CallContext& context,
        const grpc::ByteBuffer& request,
        Done done
    ) {
        std::unique_ptr<UnaryCall> made(new UnaryCall(std::move(done)));
        if (Status applied = apply(core, context, made->context_); !applied) {
            made->done_(std::move(applied).take_error());
            return;
        }
        UnaryCall* const call = made.release();
        call->reader_.reset(
            grpc::internal::ClientAsyncResponseReaderHelper::Create<grpc::ByteBuffer>(
                core.channel.get(), core.calls().queue(), method, &call->context_, request
            )
        );
        call->reader_->StartCall();
        call->reader_->Finish(&call->response_, &call->status_, call);
    }

  private:
    explicit UnaryCall(Done done) : done_(std::move(done)) {}

    void complete(bool /*ok*/) override {
        const std::unique_ptr<UnaryCall> self(this);
        if (!status_.ok()) {
            done_(error_of(status_));
            return;
        }
        const grpc::Slice bytes = grpc_kit::flatten(response_);
        done_(Result<std::string_view>(grpc_kit::view(bytes)));
    }

    Done done_;
    grpc::ClientContext context_;
    std::unique_ptr<grpc::ClientAsyncResponseReader<grpc::ByteBuffer>> reader_;
    grpc::ByteBuffer response_;
    grpc::Status status_;
};

template <typename Done>
void start_unary(
    Core& core,
    const Methods::Method& method,
    const api::CallContext& context,
    const grpc::ByteBuffer& request,
    Done done
) {
    UnaryCall<Done>::start(core, method, context, request, std::move(done));
}

}  // namespace annals::client
