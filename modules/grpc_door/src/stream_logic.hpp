// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include "generic_call.hpp"

namespace annals::grpc_door {

/// One message in, then what the method's RpcStream gives, as fast as the caller takes it.
std::unique_ptr<CallLogic> make_stream_logic(GenericCall& call, const RpcMethod& method);

}  // namespace annals::grpc_door
