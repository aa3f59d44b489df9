// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include "generic_call.hpp"

namespace annals::grpc_door {

/// Makes the logic of an RpcMethod: unary when it has `handle`, else server streaming.
/// The method must outlive the call.
std::unique_ptr<CallLogic> make_method_logic(GenericCall& call, const RpcMethod& method);

}  // namespace annals::grpc_door
