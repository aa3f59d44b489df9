// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/status.h>

#include "annals/grpc_door/rpc_service.hpp"

namespace annals::grpc_door {

grpc::Status to_status(const RpcAnswer& answer);

/// An error of annals.v1, with as many details as this caller takes.
RpcAnswer answer_of(const Error& error, const grpc::ServerContextBase& caller);

}  // namespace annals::grpc_door
