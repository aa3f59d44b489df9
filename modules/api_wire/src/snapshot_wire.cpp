// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/api_wire/snapshot_wire.hpp"

#include "fields.hpp"

namespace annals::api_wire {
namespace {

void encode_key(std::string& out, const api::SnapshotKey& key) {
    MessageWriter writer(out);
    writer.text(1, key.stream);
    writer.text(2, key.reducer);
    writer.number(3, key.schema_version);
    writer.number(4, key.reducer_version);
}

Status decode_key(std::string_view bytes, api::SnapshotKey& key) {
    MessageReader in("SnapshotKey", bytes);
    while (in.next()) {
        if (in.field() == 1) key.stream = in.text();
        if (in.field() == 2) key.reducer = in.text();
        if (in.field() == 3) key.schema_version = in.uint32();
        if (in.field() == 4) key.reducer_version = in.uint32();
    }
    return in.finish();
}

void encode_snapshot(std::string& out, const api::Snapshot& snapshot) {
    MessageWriter writer(out);
    writer.nested(1, [&](std::string& o) { encode_key(o, snapshot.key); });
    writer.number(2, snapshot.revision.value);
    writer.text(3, snapshot.content_type);
    writer.text(4, snapshot.data);
    writer.sfixed64(5, snapshot.stored_time.value);
}

Status decode_snapshot(std::string_view bytes, api::Snapshot& snapshot) {
    MessageReader in("Snapshot", bytes);
    while (in.next()) {
        switch (in.field()) {
            case 1:
                ANNALS_CHECK(decode_key(in.bytes(), snapshot.key));
                break;
            case 2:
                snapshot.revision = Revision(in.varint());
                break;
            case 3:
                snapshot.content_type = in.text();
                break;
            case 4:
                snapshot.data = in.text();
                break;
            case 5:
                snapshot.stored_time = TimeNs(in.sfixed64());
                break;
            default:
                break;
        }
    }
    return in.finish();
}

void encode_summary(std::string& out, const api::SnapshotSummary& summary) {
    MessageWriter writer(out);
    writer.nested(1, [&](std::string& o) { encode_key(o, summary.key); });
    writer.number(2, summary.revision.value);
    writer.number(3, summary.bytes);
    writer.sfixed64(4, summary.stored_time.value);
}

Status decode_summary(std::string_view bytes, api::SnapshotSummary& summary) {
    MessageReader in("SnapshotSummary", bytes);
    while (in.next()) {
        switch (in.field()) {
            case 1:
                ANNALS_CHECK(decode_key(in.bytes(), summary.key));
                break;
            case 2:
                summary.revision = Revision(in.varint());
                break;
            case 3:
                summary.bytes = in.varint();
                break;
            case 4:
                summary.stored_time = TimeNs(in.sfixed64());
                break;
            default:
                break;
        }
    }
    return in.finish();
}

}  // namespace

void encode_store_snapshot_request(
    std::string& out, std::string_view name_space, const api::Snapshot& snapshot
) {
    MessageWriter writer(out);
    writer.text(1, name_space);
    writer.nested(2, snapshot.data.size(), [&](std::string& o) { encode_snapshot(o, snapshot); });
}

Result<StoreSnapshotCall> decode_store_snapshot_request(std::string_view bytes) {
    StoreSnapshotCall call;
    MessageReader in("StoreSnapshotRequest", bytes);
    while (in.next()) {
        if (in.field() == 1) call.name_space = in.bytes();
        if (in.field() == 2) ANNALS_CHECK(decode_snapshot(in.bytes(), call.snapshot));
    }
    ANNALS_CHECK(in.finish());
    return call;
}

void encode_load_snapshot_request(
    std::string& out, std::string_view name_space, const api::LoadSnapshotRequest& request
) {
    MessageWriter writer(out);
    writer.text(1, name_space);
    writer.nested(2, [&](std::string& o) { encode_key(o, request.key); });
    if (request.max_revision) writer.always().varint(3, request.max_revision->value);
}

Result<LoadSnapshotCall> decode_load_snapshot_request(std::string_view bytes) {
    LoadSnapshotCall call;
    MessageReader in("LoadSnapshotRequest", bytes);
    while (in.next()) {
        if (in.field() == 1) call.name_space = in.bytes();
        if (in.field() == 2) ANNALS_CHECK(decode_key(in.bytes(), call.request.key));
        if (in.field() == 3) call.request.max_revision = Revision(in.varint());
    }
    ANNALS_CHECK(in.finish());
    return call;
}

void encode_loaded_snapshot(std::string& out, const std::optional<api::Snapshot>& snapshot) {
    if (!snapshot) return;
    MessageWriter writer(out);
    writer.nested(1, snapshot->data.size(), [&](std::string& o) { encode_snapshot(o, *snapshot); });
}

Result<std::optional<api::Snapshot>> decode_loaded_snapshot(std::string_view bytes) {
    std::optional<api::Snapshot> snapshot;
    MessageReader in("LoadSnapshotResponse", bytes);
    while (in.next()) {
        if (in.field() != 1) continue;
        if (!snapshot) snapshot.emplace();
        ANNALS_CHECK(decode_snapshot(in.bytes(), *snapshot));
    }
    ANNALS_CHECK(in.finish());
    return snapshot;
}

void encode_snapshot_selection(
    std::string& out, std::string_view name_space, const api::SnapshotSelection& selection
) {
    MessageWriter writer(out);
    writer.text(1, name_space);
    writer.text(2, selection.stream);
    writer.text(3, selection.reducer);
    if (selection.revision) writer.always().varint(4, selection.revision->value);
}

Result<SnapshotSelectionCall> decode_snapshot_selection(std::string_view bytes) {
    SnapshotSelectionCall call;
    MessageReader in("ListSnapshotsRequest", bytes);
    while (in.next()) {
        if (in.field() == 1) call.name_space = in.bytes();
        if (in.field() == 2) call.selection.stream = in.text();
        if (in.field() == 3) call.selection.reducer = in.text();
        if (in.field() == 4) call.selection.revision = Revision(in.varint());
    }
    ANNALS_CHECK(in.finish());
    return call;
}

void encode_snapshot_list(std::string& out, const std::vector<api::SnapshotSummary>& list) {
    MessageWriter writer(out);
    for (const api::SnapshotSummary& summary : list) {
        writer.nested(1, [&](std::string& o) { encode_summary(o, summary); });
    }
}

Result<std::vector<api::SnapshotSummary>> decode_snapshot_list(std::string_view bytes) {
    std::vector<api::SnapshotSummary> list;
    MessageReader in("ListSnapshotsResponse", bytes);
    while (in.next()) {
        if (in.field() == 1) ANNALS_CHECK(decode_summary(in.bytes(), list.emplace_back()));
    }
    ANNALS_CHECK(in.finish());
    return list;
}

void encode_deleted_snapshots(std::string& out, std::uint64_t deleted) {
    MessageWriter(out).number(1, deleted);
}

Result<std::uint64_t> decode_deleted_snapshots(std::string_view bytes) {
    std::uint64_t deleted = 0;
    MessageReader in("DeleteSnapshotsResponse", bytes);
    while (in.next()) {
        if (in.field() == 1) deleted = in.varint();
    }
    ANNALS_CHECK(in.finish());
    return deleted;
}

}  // namespace annals::api_wire
