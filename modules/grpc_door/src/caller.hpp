// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string_view>

#include <grpcpp/server_context.h>

#include "annals/api/call_context.hpp"

namespace annals::grpc_door {

/// Value of the first metadata entry of this name, or empty. Lives as long as the call.
std::string_view metadata_of(const grpc::ServerContextBase& call, std::string_view name);

/// Deadline and trace context of the call. Views live as long as the call.
api::CallContext context_of(const grpc::ServerContextBase& call);
/// The same in a namespace; empty means `default`. The namespace's view must live as long, too.
api::CallContext context_of(const grpc::ServerContextBase& call, std::string_view name_space);

}  // namespace annals::grpc_door
