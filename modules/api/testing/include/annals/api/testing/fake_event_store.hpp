// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "annals/api/event_store.hpp"

namespace annals::api::testing {

/// The seam in memory, for the tests of what stands on it: right in what it does (streams,
/// revisions, checks, reads with filters, live subscriptions, metadata by count and truncation,
/// deletes), slow, and obedient. Appends
/// are decided at once and answered in groups from a thread of its own, as a real store does.
/// Any thread.
class FakeEventStore final : public EventStore {
  public:
    FakeEventStore();
    ~FakeEventStore() override;

    /// Every call fails with this error from now on; nothing: no more.
    void fail_with(std::optional<Error> error);
    /// Answers of appends wait until they are released.
    void hold_answers(bool is_held);
    /// What the device takes for a group.
    void set_sync_time(std::chrono::microseconds time);
    /// Whether try_read answers.
    void set_reads_at_once(bool is_at_once);

    /// What the newest append or read came with; copied.
    struct Seen {
        std::string name_space;
        std::string traceparent;
        std::string tracestate;
        std::int64_t deadline_ns = 0;
    };
    [[nodiscard]] Seen seen() const;
    [[nodiscard]] std::size_t open_subscriptions() const;

    void append(const CallContext& context, const model::AppendRequest& request, AppendDone done)
        override;
    Result<ReadPage> read(const CallContext& context, const ReadRequest& request) override;
    std::optional<Result<ReadPage>> try_read(const CallContext& context, const ReadRequest& request)
        override;
    Result<std::unique_ptr<Subscription>> subscribe(
        const CallContext& context, const SubscribeRequest& request
    ) override;
    Result<ReadPage> get_event(const CallContext& context, const Uuid& id) override;
    Result<StreamList> list_streams(const CallContext& context, const ListRequest& request)
        override;
    Result<CategoryList> list_categories(const CallContext& context, const ListRequest& request)
        override;
    Result<StreamList> list_types(const CallContext& context, const ListRequest& request) override;
    Result<StreamInfo> get_stream(const CallContext& context, std::string_view stream) override;
    Result<StreamMetadataInfo> get_stream_metadata(
        const CallContext& context, const MetadataTarget& target
    ) override;
    Result<LifeResponse> set_stream_metadata(
        const CallContext& context, const SetMetadataRequest& request
    ) override;
    Result<LifeResponse> delete_stream(
        const CallContext& context, const DeleteStreamRequest& request
    ) override;
    Result<LifeResponse> tombstone_stream(
        const CallContext& context, const DeleteStreamRequest& request
    ) override;
    Result<LifeResponse> truncate_stream(
        const CallContext& context, const TruncateStreamRequest& request
    ) override;
    Status store_snapshot(const CallContext& context, const Snapshot& snapshot) override;
    Result<std::optional<Snapshot>> load_snapshot(
        const CallContext& context, const LoadSnapshotRequest& request
    ) override;
    Result<std::vector<SnapshotSummary>> list_snapshots(
        const CallContext& context, const SnapshotSelection& selection
    ) override;
    Result<std::uint64_t> delete_snapshots(
        const CallContext& context, const SnapshotSelection& selection
    ) override;
    Result<NamespaceInfo> create_namespace(const CallContext& context, std::string_view name)
        override;
    Result<std::vector<NamespaceInfo>> list_namespaces(const CallContext& context) override;
    Status delete_namespace(const CallContext& context, std::string_view name) override;
    Result<ServerInfo> info(const CallContext& context) override;

  private:
    struct Stored;
    struct Log;
    struct Wakes;
    class FakeSubscription;
    struct Answer {
        AppendDone done;
        Result<AppendResponse> outcome;
    };

    void answer_all();
    /// These need the lock.
    Result<Log*> log_of(const CallContext& context);
    void note(const CallContext& context);
    Result<AppendResponse> decide(Log& log, const model::AppendRequest& request);
    Result<ReadPage> page(Log& log, const ReadRequest& request);
    /// Checks the stream as a delete or a truncation does, then lets `change` have its way.
    template <typename Change>
    Result<LifeResponse> change_life(
        const CallContext& context,
        const std::string& stream,
        const model::ExpectedRevision& expected,
        const Change& change
    );

    mutable std::mutex mutex_;
    std::map<std::string, std::unique_ptr<Log>, std::less<>> logs_;
    std::optional<Error> failure_;
    Seen seen_;
    bool reads_at_once_ = true;
    std::shared_ptr<Wakes> wakes_;

    std::condition_variable answerable_;
    std::vector<Answer> answers_;
    std::chrono::microseconds sync_time_{0};
    bool is_held_ = false;
    bool is_stopping_ = false;
    std::thread thread_;
};

}  // namespace annals::api::testing
