// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "annals/api/event_store.hpp"

namespace annals::api::testing {

/// An event store that answers not_supported to everything: for tests of code that uses a few
/// calls, which they override. Any thread.
class RefusingEventStore : public EventStore {
  public:
    void append(const CallContext&, const model::AppendRequest&, AppendDone done) override {
        done(none());
    }
    Result<ReadPage> read(const CallContext&, const ReadRequest&) override { return none(); }
    Result<std::unique_ptr<Subscription>> subscribe(const CallContext&, const SubscribeRequest&)
        override {
        return none();
    }
    Result<ReadPage> get_event(const CallContext&, const Uuid&) override { return none(); }
    Result<StreamList> list_streams(const CallContext&, const ListRequest&) override {
        return none();
    }
    Result<CategoryList> list_categories(const CallContext&, const ListRequest&) override {
        return none();
    }
    Result<StreamList> list_types(const CallContext&, const ListRequest&) override {
        return none();
    }
    Result<StreamInfo> get_stream(const CallContext&, std::string_view) override { return none(); }
    Result<StreamMetadataInfo> get_stream_metadata(const CallContext&, const MetadataTarget&)
        override {
        return none();
    }
    Result<LifeResponse> set_stream_metadata(const CallContext&, const SetMetadataRequest&)
        override {
        return none();
    }
    Result<LifeResponse> delete_stream(const CallContext&, const DeleteStreamRequest&) override {
        return none();
    }
    Result<LifeResponse> tombstone_stream(const CallContext&, const DeleteStreamRequest&) override {
        return none();
    }
    Result<LifeResponse> truncate_stream(const CallContext&, const TruncateStreamRequest&)
        override {
        return none();
    }
    Status store_snapshot(const CallContext&, const Snapshot&) override { return none(); }
    Result<std::optional<Snapshot>> load_snapshot(const CallContext&, const LoadSnapshotRequest&)
        override {
        return none();
    }
    Result<std::vector<SnapshotSummary>>
    list_snapshots(const CallContext&, const SnapshotSelection&) override {
        return none();
    }
    Result<std::uint64_t> delete_snapshots(const CallContext&, const SnapshotSelection&) override {
        return none();
    }
    Result<NamespaceInfo> create_namespace(const CallContext&, std::string_view) override {
        return none();
    }
    Result<std::vector<NamespaceInfo>> list_namespaces(const CallContext&) override {
        return none();
    }
    Status delete_namespace(const CallContext&, std::string_view) override { return none(); }
    Result<ServerInfo> info(const CallContext&) override { return none(); }

  private:
    static Error none() { return Error(ErrorCode::kNotSupported, "this fake does not do that"); }
};

}  // namespace annals::api::testing
