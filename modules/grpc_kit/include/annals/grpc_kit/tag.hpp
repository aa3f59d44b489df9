// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

namespace annals::grpc_kit {

/// What a completion queue of gRPC gives back when an operation is over; the queue's `void*` points
/// at one.
class Tag {
  public:
    Tag() = default;
    Tag(const Tag&) = delete;
    Tag& operator=(const Tag&) = delete;
    virtual ~Tag() = default;
    /// On the thread that polls the queue. `ok` as gRPC says it for the operation.
    virtual void complete(bool ok) = 0;
};

}  // namespace annals::grpc_kit
