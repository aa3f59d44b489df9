// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <string_view>

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/slice.h>

namespace annals::grpc_kit {

/// A slice with these bytes: small ones copied, large ones taken over.
grpc::Slice make_slice(std::string bytes);
grpc::ByteBuffer make_buffer(std::string bytes);

/// The message as one slice: the buffer's own where it lies in one piece, else copied together.
/// Empty when the buffer is not valid.
grpc::Slice flatten(const grpc::ByteBuffer& buffer);

inline std::string_view view(const grpc::Slice& slice) {
    return {reinterpret_cast<const char*>(slice.begin()), slice.size()};
}

}  // namespace annals::grpc_kit
