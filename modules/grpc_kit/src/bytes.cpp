// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/grpc_kit/bytes.hpp"

#include <utility>

namespace annals::grpc_kit {
namespace {

constexpr std::size_t kCopiedBytesMax = 2'048;

void drop(void* text) { delete static_cast<std::string*>(text); }

}  // namespace

grpc::Slice make_slice(std::string bytes) {
    if (bytes.size() <= kCopiedBytesMax) return grpc::Slice(bytes.data(), bytes.size());
    auto* kept = new std::string(std::move(bytes));
    return grpc::Slice(kept->data(), kept->size(), drop, kept);
}

grpc::ByteBuffer make_buffer(std::string bytes) {
    const grpc::Slice slice = make_slice(std::move(bytes));
    return {&slice, 1};
}

grpc::Slice flatten(const grpc::ByteBuffer& buffer) {
    grpc::Slice slice;
    if (!buffer.Valid()) return slice;
    if (!buffer.TrySingleSlice(&slice).ok() && !buffer.DumpToSingleSlice(&slice).ok()) {
        return grpc::Slice();
    }
    return slice;
}

}  // namespace annals::grpc_kit
