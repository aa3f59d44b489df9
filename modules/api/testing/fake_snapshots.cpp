// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
// Snapshots, as the fake store keeps them.
#include <algorithm>

#include "fake_log.hpp"

namespace annals::api::testing {
namespace {

bool is_selected(const Snapshot& snapshot, const SnapshotSelection& selection) {
    return snapshot.key.stream == selection.stream &&
           (selection.reducer.empty() || snapshot.key.reducer == selection.reducer) &&
           (!selection.revision || snapshot.revision == *selection.revision);
}

}  // namespace

Status FakeEventStore::store_snapshot(const CallContext& context, const Snapshot& snapshot) {
    const std::lock_guard lock(mutex_);
    note(context);
    ANNALS_TRY(Log * log, log_of(context));
    ANNALS_CHECK(log->check_found(snapshot.key.stream));
    if (snapshot.revision.value >= log->count(snapshot.key.stream)) {
        return Error(ErrorCode::kInvalidArgument, "beyond the end").with("field", "revision");
    }
    std::erase_if(log->snapshots, [&](const Snapshot& other) {
        return other.key == snapshot.key && other.revision == snapshot.revision;
    });
    log->snapshots.push_back(snapshot);
    log->snapshots.back().stored_time = TimeNs(1);
    return ok();
}

Result<std::optional<Snapshot>> FakeEventStore::load_snapshot(
    const CallContext& context, const LoadSnapshotRequest& request
) {
    const std::lock_guard lock(mutex_);
    note(context);
    ANNALS_TRY(Log * log, log_of(context));
    ANNALS_CHECK(log->check_found(request.key.stream));
    std::optional<Snapshot> best;
    for (const Snapshot& snapshot : log->snapshots) {
        if (snapshot.key != request.key) continue;
        if (request.max_revision && snapshot.revision > *request.max_revision) continue;
        if (!best || snapshot.revision > best->revision) best = snapshot;
    }
    return best;
}

Result<std::vector<SnapshotSummary>> FakeEventStore::list_snapshots(
    const CallContext& context, const SnapshotSelection& selection
) {
    const std::lock_guard lock(mutex_);
    ANNALS_TRY(Log * log, log_of(context));
    ANNALS_CHECK(log->check_found(selection.stream));
    std::vector<SnapshotSummary> found;
    for (const Snapshot& snapshot : log->snapshots) {
        if (!is_selected(snapshot, selection)) continue;
        found.push_back(
            {snapshot.key, snapshot.revision, snapshot.data.size(), snapshot.stored_time}
        );
    }
    return found;
}

Result<std::uint64_t> FakeEventStore::delete_snapshots(
    const CallContext& context, const SnapshotSelection& selection
) {
    const std::lock_guard lock(mutex_);
    note(context);
    ANNALS_TRY(Log * log, log_of(context));
    ANNALS_CHECK(log->check_found(selection.stream));
    return std::erase_if(log->snapshots, [&](const Snapshot& snapshot) {
        return is_selected(snapshot, selection);
    });
}

}  // namespace annals::api::testing
