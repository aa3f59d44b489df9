// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>

#include <eventstore/service.pb.h>

#include "annals/api/event_store.hpp"
#include "annals/grpc_door/rpc_service.hpp"
#include "annals/runtime/worker_pool.hpp"

namespace annals::dialect_eskit {

/// LogsPoll: history, then every event as it is committed, each once and in order, until the caller
/// leaves. A push, not a poll: nothing runs while nothing happens, and a caller that leaves frees
/// everything at once. The store and the pool, which takes over from long stretches that do not
/// match, outlive the stream.
Result<std::unique_ptr<grpc_door::RpcStream>> open_log_poll(
    api::EventStore& store,
    const api::CallContext& context,
    const contracts::eventstore::AppLogRequest& request,
    runtime::WorkerPool& pool
);

}  // namespace annals::dialect_eskit
