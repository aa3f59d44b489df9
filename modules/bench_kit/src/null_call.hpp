// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/rpc_service_method.h>
#include <grpcpp/impl/codegen/service_type.h>
#include <grpcpp/support/async_stream.h>
#include <grpcpp/support/async_unary_call.h>
#include <grpcpp/support/byte_buffer.h>

#include "null_service.hpp"

namespace annals::bench_kit {

/// Raw bytes on a completion queue, one thread: the fastest server that gRPC has here
/// (architecture.md 4).
class NullService final : public grpc::Service {
  public:
    NullService() {
        using grpc::internal::RpcMethod;
        using grpc::internal::RpcServiceMethod;
        AddMethod(new RpcServiceMethod(kNullCall, RpcMethod::NORMAL_RPC, nullptr));
        MarkMethodRaw(0);
        AddMethod(new RpcServiceMethod(kNullStream, RpcMethod::SERVER_STREAMING, nullptr));
        MarkMethodRaw(1);
        AddMethod(new RpcServiceMethod(kNullGroup, RpcMethod::BIDI_STREAMING, nullptr));
        MarkMethodRaw(2);
    }

    template <typename Writer>
    void request_call(
        grpc::ServerContext& context,
        grpc::ByteBuffer& message,
        Writer& writer,
        grpc::ServerCompletionQueue& queue,
        void* tag
    ) {
        RequestAsyncUnary(0, &context, &message, &writer, &queue, &queue, tag);
    }

    template <typename Writer>
    void request_stream(
        grpc::ServerContext& context,
        grpc::ByteBuffer& message,
        Writer& writer,
        grpc::ServerCompletionQueue& queue,
        void* tag
    ) {
        RequestAsyncServerStreaming(1, &context, &message, &writer, &queue, &queue, tag);
    }

    template <typename Stream>
    void request_group(
        grpc::ServerContext& context, Stream& stream, grpc::ServerCompletionQueue& queue, void* tag
    ) {
        RequestAsyncBidiStreaming(2, &context, &stream, &queue, &queue, tag);
    }
};

/// What a completion means. `ok` false before the first step: the server goes away.
class Call {
  public:
    Call() = default;
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    virtual ~Call() = default;
    virtual void on_event(bool ok) = 0;
};

struct NullServer {
    NullService service;
    std::unique_ptr<grpc::ServerCompletionQueue> queue;
    std::unique_ptr<grpc::Server> server;
};

}  // namespace annals::bench_kit
