// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <grpcpp/impl/codegen/rpc_service_method.h>
#include <grpcpp/impl/codegen/service_type.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/async_unary_call.h>
#include <grpcpp/support/byte_buffer.h>

#include "loop.hpp"

namespace annals::grpc_door {

using HotWriter = grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>;

/// The methods that are worth a registration of their own, as raw bytes: what protoc's
/// WithRawMethod_… would make, without the other methods, which would bring gRPC's synchronous
/// threads along.
class HotService final : public grpc::Service {
  public:
    using Method = int;
    static constexpr Method kAppend = 0;
    static constexpr Method kRead = 1;

    HotService() {
        (void)add("/annals.v1.EventStore/Append");
        (void)add("/annals.v1.EventStore/Read");
    }

    /// One more, before the server is built; the path must outlive this.
    Method add(const char* path) {
        AddMethod(new grpc::internal::RpcServiceMethod(
            path, grpc::internal::RpcMethod::NORMAL_RPC, nullptr
        ));
        MarkMethodRaw(methods_);
        return methods_++;
    }

    void request(
        Method method,
        grpc::ServerContext& context,
        grpc::ByteBuffer& message,
        HotWriter& writer,
        Loop& loop,
        grpc_kit::Tag& tag
    ) {
        RequestAsyncUnary(method, &context, &message, &writer, loop.queue(), loop.queue(), &tag);
    }

  private:
    Method methods_ = 0;
};

}  // namespace annals::grpc_door
