// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "annals/api/call_context.hpp"
#include "annals/api/requests.hpp"
#include "annals/api/scavenge.hpp"
#include "annals/api/snapshots.hpp"
#include "annals/api/stream_life.hpp"
#include "annals/base/result.hpp"

namespace annals::api {

/// A running catch-up subscription. One reader at a time; destroy it to end it (from any thread but
/// its waker). A slow reader costs nothing but its place: frames are made when they are asked for.
class Subscription {
  public:
    Subscription() = default;
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;
    virtual ~Subscription() = default;

    /// Fills the next frame and answers true, or answers false when nothing is there now; the waker
    /// is then called once when it is worth asking again. An error ends the subscription. May read
    /// the disk; never waits.
    virtual Result<bool> try_next(SubscriptionFrame& frame) = 0;
    /// Set before the first try_next. Called from a thread that may block, never while try_next
    /// runs; it may call try_next itself. Destroying the subscription waits for a waker that is
    /// running.
    virtual void set_waker(std::function<void()> waker) = 0;

    /// Waits for the next frame until the deadline (Clock::monotonic_ns of the machine):
    /// deadline_exceeded then. Uses the waker: not to be mixed with set_waker.
    Result<SubscriptionFrame> next(std::int64_t deadline_ns);

  private:
    struct Waiter;
    std::shared_ptr<Waiter> waiter_;
};

/// Answer of an append. Called exactly once, from any thread, perhaps before append() returns; must
/// be quick.
using AppendDone = std::function<void(Result<AppendResponse>)>;

/// The seam between doors and work: the event store in plain types. Bodies: the store itself
/// (`streams`), a remote server (`client`). All calls may come from many threads at once.
class EventStore {
  public:
    EventStore() = default;
    EventStore(const EventStore&) = delete;
    EventStore& operator=(const EventStore&) = delete;
    virtual ~EventStore() = default;

    /// Takes what it needs of the request before it returns, answers later. Errors as in
    /// annals.v1.EventStore.Append.
    virtual void append(
        const CallContext& context, const model::AppendRequest& request, AppendDone done
    ) = 0;
    /// Waits for the answer.
    Result<AppendResponse> append_and_wait(
        const CallContext& context, const model::AppendRequest& request
    );

    /// May wait (min_position, at most max_wait_ms) and may read the disk.
    virtual Result<ReadPage> read(const CallContext& context, const ReadRequest& request) = 0;
    /// Answers at once, without waiting or asking the disk, or not at all: for doors that must not
    /// block. Nothing means: call read() on a thread that may block.
    virtual std::optional<Result<ReadPage>> try_read(
        const CallContext& context, const ReadRequest& request
    ) {
        (void)context;
        (void)request;
        return std::nullopt;
    }
    virtual Result<std::unique_ptr<Subscription>> subscribe(
        const CallContext& context, const SubscribeRequest& request
    ) = 0;

    /// All events with the id; event_not_found when there is none.
    virtual Result<ReadPage> get_event(const CallContext& context, const Uuid& id) = 0;
    virtual Result<StreamList> list_streams(
        const CallContext& context, const ListRequest& request
    ) = 0;
    virtual Result<CategoryList> list_categories(
        const CallContext& context, const ListRequest& request
    ) = 0;
    virtual Result<StreamList> list_types(
        const CallContext& context, const ListRequest& request
    ) = 0;
    virtual Result<StreamInfo> get_stream(const CallContext& context, std::string_view stream) = 0;

    // ---- the life of a stream (docs/adr/0007); these wait until the change is durable ----
    // Errors as in annals.v1.EventStore.

    virtual Result<StreamMetadataInfo> get_stream_metadata(
        const CallContext& context, const MetadataTarget& target
    ) = 0;
    virtual Result<LifeResponse> set_stream_metadata(
        const CallContext& context, const SetMetadataRequest& request
    ) = 0;
    virtual Result<LifeResponse> delete_stream(
        const CallContext& context, const DeleteStreamRequest& request
    ) = 0;
    virtual Result<LifeResponse> tombstone_stream(
        const CallContext& context, const DeleteStreamRequest& request
    ) = 0;
    virtual Result<LifeResponse> truncate_stream(
        const CallContext& context, const TruncateStreamRequest& request
    ) = 0;

    // ---- snapshots of a stream; as above ----

    virtual Status store_snapshot(const CallContext& context, const Snapshot& snapshot) = 0;
    /// Nothing when there is none, which is no error.
    virtual Result<std::optional<Snapshot>> load_snapshot(
        const CallContext& context, const LoadSnapshotRequest& request
    ) = 0;
    virtual Result<std::vector<SnapshotSummary>> list_snapshots(
        const CallContext& context, const SnapshotSelection& selection
    ) = 0;
    /// How many there were.
    virtual Result<std::uint64_t> delete_snapshots(
        const CallContext& context, const SnapshotSelection& selection
    ) = 0;

    // ---- scavenging (docs/adr/0009); of the whole server, whatever namespace the context names
    // ----

    /// Answers once it has begun. scavenge_running, namespace_not_found.
    virtual Result<ScavengeStatus> start_scavenge(
        const CallContext& context, const StartScavengeRequest& request
    );
    virtual Result<ScavengeStatus> get_scavenge(const CallContext& context);
    /// scavenge_not_running.
    virtual Result<ScavengeStatus> control_scavenge(
        const CallContext& context, ScavengeCommand command
    );

    virtual Result<NamespaceInfo> create_namespace(
        const CallContext& context, std::string_view name
    ) = 0;
    virtual Result<std::vector<NamespaceInfo>> list_namespaces(const CallContext& context) = 0;
    virtual Status delete_namespace(const CallContext& context, std::string_view name) = 0;

    virtual Result<ServerInfo> info(const CallContext& context) = 0;
};

}  // namespace annals::api
