// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <grpcpp/grpcpp.h>

#include "annals/api_wire/error_wire.hpp"
#include "annals/base/error.hpp"

namespace annals::bench_kit {

// What the lean clients have in common: bytes as gRPC wants them, and a channel of one's own.

inline grpc::ByteBuffer to_buffer(const std::string& bytes) {
    const grpc::Slice slice(bytes);
    return {&slice, 1};
}

/// The message's bytes as one piece; copies only when gRPC holds it in several.
inline grpc::Slice one_piece(const grpc::ByteBuffer& buffer) {
    grpc::Slice slice;
    if (buffer.TrySingleSlice(&slice).ok() || buffer.DumpToSingleSlice(&slice).ok()) return slice;
    return {};
}

inline std::string_view view(const grpc::Slice& slice) {
    return {reinterpret_cast<const char*>(slice.begin()), slice.size()};
}

inline Error to_error(const grpc::Status& status) {
    return api_wire::decode_error(
        static_cast<int>(status.error_code()), status.error_message(), status.error_details()
    );
}

inline std::shared_ptr<grpc::Channel> make_channel(const std::string& address) {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(64 << 20);
    arguments.SetMaxSendMessageSize(64 << 20);
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace annals::bench_kit
