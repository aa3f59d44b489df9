// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/streams/snapshot_fold.hpp"

#include <algorithm>
#include <charconv>

namespace annals::streams {
namespace {

constexpr std::string_view kStreamPrefix = "$snapshots-";

std::string_view field_of(const model::RecordedEvent& event, std::string_view name) {
    const auto found = std::find_if(
        event.dialect.begin(),
        event.dialect.end(),
        [&](const model::DialectField& field) { return field.name == name; }
    );
    return found == event.dialect.end() ? std::string_view() : found->value;
}

std::optional<std::uint64_t> number_of(const model::RecordedEvent& event, std::string_view name) {
    const std::string_view text = field_of(event, name);
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

}  // namespace

std::string snapshot_stream_of(std::string_view stream) {
    return std::string(kStreamPrefix).append(stream);
}

std::string_view stream_of_snapshots(std::string_view name) {
    if (!name.starts_with(kStreamPrefix)) return {};
    return name.substr(kStreamPrefix.size());
}

StoredSnapshot parse_snapshot(std::string_view stream, const model::RecordedEvent& event) {
    StoredSnapshot snapshot;
    snapshot.key.stream = stream;
    snapshot.key.reducer = field_of(event, kSnapshotReducer);
    snapshot.key.schema_version = static_cast<std::uint32_t>(
        number_of(event, kSnapshotSchemaVersion).value_or(0)
    );
    snapshot.key.reducer_version = static_cast<std::uint32_t>(
        number_of(event, kSnapshotReducerVersion).value_or(0)
    );
    snapshot.revision = Revision(number_of(event, kSnapshotRevision).value_or(0));
    snapshot.is_rising = !field_of(event, kSnapshotRising).empty();
    snapshot.stored_time = event.recorded_time;
    snapshot.content_type = event.content_type.empty() ? model::kDefaultContentType
                                                       : event.content_type;
    snapshot.data = event.data;
    return snapshot;
}

bool is_selected(
    const StoredSnapshot& snapshot,
    std::string_view reducer,
    const std::optional<std::uint64_t>& revision
) {
    return (reducer.empty() || snapshot.key.reducer == reducer) &&
           (!revision || snapshot.revision.value == *revision);
}

SnapshotFold::Verdict SnapshotFold::take(const model::RecordedEvent& event) {
    const bool is_too_far = ++looked_at_ > kLookedAtMax;
    if (event.type == kSnapshotDeletedType) {
        if (!is_too_far) {
            deletions_.push_back(
                {std::string(field_of(event, kSnapshotReducer)), number_of(event, kSnapshotRevision)
                }
            );
        }
        return Verdict::kDeletion;
    }
    if (is_too_far) return Verdict::kSuperseded;
    const StoredSnapshot snapshot = parse_snapshot({}, event);
    const bool is_deleted = std::any_of(
        deletions_.begin(),
        deletions_.end(),
        [&](const Deletion& deletion) {
            return is_selected(snapshot, deletion.reducer, deletion.revision);
        }
    );
    if (is_deleted || snapshot.revision.value < hidden_) return Verdict::kSuperseded;
    const api::SnapshotKey& key = snapshot.key;
    const bool is_newest =
        seen_.emplace(key.reducer, key.schema_version, key.reducer_version, snapshot.revision.value)
            .second;
    return is_newest ? Verdict::kShown : Verdict::kSuperseded;
}

}  // namespace annals::streams
