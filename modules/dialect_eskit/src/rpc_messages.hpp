// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "annals/base/result.hpp"
#include "annals/grpc_door/rpc_service.hpp"

namespace annals::dialect_eskit {

/// What eskit's servers, grpc-go with its defaults, take.
inline constexpr std::size_t kMessageBytesMax = 4'194'304;

/// The catalogue's gRPC code with the text as it is, without details: what eskit's clients know.
inline grpc_door::RpcAnswer answer_of(const Error& error) {
    return grpc_door::RpcAnswer::failed(error.info().grpc_status, std::string(error.message()));
}

template <typename Message>
grpc_door::RpcAnswer answer_of(const Result<Message>& result) {
    if (!result) return answer_of(result.error());
    return grpc_door::RpcAnswer::ok(result->SerializeAsString());
}

/// The request's message, or what grpc-go says about it.
template <typename Message>
Result<Message> parse(const grpc_door::RpcRequest& request) {
    const std::string_view bytes = request.message();
    if (bytes.size() > kMessageBytesMax) {
        return Error(
            ErrorCode::kOverloaded,
            "grpc: received message larger than max (" + std::to_string(bytes.size()) + " vs. " +
                std::to_string(kMessageBytesMax) + ")"
        );
    }
    Message message;
    if (message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return message;
    return Error(
        ErrorCode::kInternal,
        "grpc: error unmarshalling request: proto: cannot parse " +
            Message::descriptor()->full_name()
    );
}

}  // namespace annals::dialect_eskit
