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

/// The methods of annals.v1.EventStore that are worth a registration of their own, as raw bytes:
/// what protoc's WithRawMethod_… would make, without the other methods, which would bring gRPC's
/// synchronous threads along.
class HotService final : public grpc::Service {
  public:
    enum Method : int { kAppend = 0, kRead = 1 };

    HotService() {
        add(kAppend, "/annals.v1.EventStore/Append");
        add(kRead, "/annals.v1.EventStore/Read");
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
    void add(Method method, const char* path) {
        AddMethod(new grpc::internal::RpcServiceMethod(
            path, grpc::internal::RpcMethod::NORMAL_RPC, nullptr
        ));
        MarkMethodRaw(method);
    }
};

}  // namespace annals::grpc_door
