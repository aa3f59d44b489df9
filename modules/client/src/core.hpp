// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string_view>

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/impl/codegen/rpc_method.h>
#include <grpcpp/support/status.h>

#include "annals/api/call_context.hpp"
#include "annals/base/error.hpp"
#include "annals/base/result.hpp"
#include "annals/client/client.hpp"
#include "annals/runtime/thread.hpp"

namespace annals::client {

/// A completion queue and the thread that serves it. The destructor waits for the calls that hold
/// it and for all tags.
class Poller {
  public:
    explicit Poller(std::string_view name);
    Poller(const Poller&) = delete;
    Poller& operator=(const Poller&) = delete;
    ~Poller();
    [[nodiscard]] grpc::CompletionQueue* queue() { return &queue_; }

    /// Of a call that begins one operation after the other: from its first to its last.
    void hold();
    void release();

  private:
    std::mutex mutex_;
    std::condition_variable released_;
    std::size_t holders_ = 0;
    grpc::CompletionQueue queue_;
    runtime::Thread thread_;
};

/// A method of annals.v1.EventStore, registered with the channel.
struct Methods {
    explicit Methods(const std::shared_ptr<grpc::Channel>& channel);

    using Method = grpc::internal::RpcMethod;
    Method append, append_stream, read, scan, subscribe, get_event, list_streams, list_categories,
        list_types, get_stream, get_stream_metadata, set_stream_metadata, delete_stream,
        tombstone_stream, truncate_stream, store_snapshot, load_snapshot, list_snapshots,
        delete_snapshots, start_scavenge, get_scavenge, control_scavenge, create_namespace,
        list_namespaces, delete_namespace, get_info;
};

/// What all calls of a client share.
class Core {
  public:
    explicit Core(const ClientOptions& client_options);

    /// For unary and bulk calls.
    Poller& calls() { return calls_; }
    /// For subscriptions, whose wakers may block; made with the first one.
    Poller& streams();

    const ClientOptions options;
    const std::shared_ptr<grpc::Channel> channel;
    const Methods methods;

  private:
    Poller calls_{"annals-client"};
    std::mutex mutex_;
    std::unique_ptr<Poller> streams_;
};

/// A core whose server answers: unavailable, with the field `address`, when it does not in time.
Result<std::shared_ptr<Core>> connect_core(const ClientOptions& options);

/// Deadline and trace context of the call; the client's headers, and a token that is asked for now:
/// invalid_argument where no header can carry it, not_permitted where there is none to be had.
Status apply(const Core& core, const api::CallContext& from, grpc::ClientContext& to);
/// The namespace to send: nothing for the default one.
std::string_view sent_namespace(const api::CallContext& context);
/// The error that a failed call's status carries.
Error error_of(const grpc::Status& status);

}  // namespace annals::client
