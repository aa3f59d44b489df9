// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "annals/api/snapshots.hpp"
#include "annals/base/result.hpp"

namespace annals::api_wire {

/// annals.v1.StoreSnapshotRequest.
struct StoreSnapshotCall {
    std::string_view name_space;
    api::Snapshot snapshot;
};
void encode_store_snapshot_request(
    std::string& out, std::string_view name_space, const api::Snapshot& snapshot
);
Result<StoreSnapshotCall> decode_store_snapshot_request(std::string_view bytes);

/// annals.v1.LoadSnapshotRequest.
struct LoadSnapshotCall {
    std::string_view name_space;
    api::LoadSnapshotRequest request;
};
void encode_load_snapshot_request(
    std::string& out, std::string_view name_space, const api::LoadSnapshotRequest& request
);
Result<LoadSnapshotCall> decode_load_snapshot_request(std::string_view bytes);
/// annals.v1.LoadSnapshotResponse.
void encode_loaded_snapshot(std::string& out, const std::optional<api::Snapshot>& snapshot);
Result<std::optional<api::Snapshot>> decode_loaded_snapshot(std::string_view bytes);

/// annals.v1.ListSnapshotsRequest and, with the same fields, DeleteSnapshotsRequest.
struct SnapshotSelectionCall {
    std::string_view name_space;
    api::SnapshotSelection selection;
};
void encode_snapshot_selection(
    std::string& out, std::string_view name_space, const api::SnapshotSelection& selection
);
Result<SnapshotSelectionCall> decode_snapshot_selection(std::string_view bytes);
/// annals.v1.ListSnapshotsResponse.
void encode_snapshot_list(std::string& out, const std::vector<api::SnapshotSummary>& list);
Result<std::vector<api::SnapshotSummary>> decode_snapshot_list(std::string_view bytes);
/// annals.v1.DeleteSnapshotsResponse.
void encode_deleted_snapshots(std::string& out, std::uint64_t deleted);
Result<std::uint64_t> decode_deleted_snapshots(std::string_view bytes);

}  // namespace annals::api_wire
