// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/model/event.hpp"
#include "annals/scavenge/removal_rules.hpp"
#include "annals/streams/envelope_filter.hpp"
#include "annals/streams/snapshot_fold.hpp"
#include "annals/streams/stream_events.hpp"
#include "annals/streams/system_streams.hpp"

namespace annals::scavenge {
namespace {

constexpr std::size_t kSnapshotsAtOnce = 1'024;

}  // namespace

SystemRemovalRules::SystemRemovalRules(commit::Orderer& system, commit::Orderer& events, Ages ages)
    : system_(system),
      others_(system, ages),
      events_point_(events.visible_end().get()),
      lives_(events) {}

Result<bool> SystemRemovalRules::is_removable(const log::StoredEvent& event) {
    const std::string_view name = streams::stream_of(event.envelope);
    const std::string_view stream = streams::stream_of_snapshots(name);
    const bool is_last_enough = streams::is_last_event_enough(name);
    if (stream.empty() && !is_last_enough) return others_.is_removable(event);
    if (event.position > point()) return false;
    if (is_last_enough) {
        model::RecordedEvent fields;
        ANNALS_CHECK(model::decode_event_fields(event.envelope, fields));
        if (streams::is_kept_as_history(fields.type)) return false;
        return is_before_last(name, event.revision);
    }
    if (name != folded_) ANNALS_CHECK(fold(name, stream));
    const auto place = static_cast<std::size_t>(event.revision.value);
    return place < superseded_.size() && superseded_[place];
}

void SystemRemovalRules::look_again() {
    others_.look_again();
    folded_.clear();
    headed_.clear();
}

Result<bool> SystemRemovalRules::is_before_last(std::string_view stream, Revision revision) {
    if (stream != headed_) {
        headed_.clear();
        streams::StreamEvents events(system_, std::string(stream));
        ANNALS_TRY(const std::optional<index::StreamHead> head, events.head(point()));
        if (!head) return false;
        last_ = head->last;
        headed_ = stream;
    }
    return revision < last_;
}

/// Newest first, as reads do it.
Status SystemRemovalRules::fold(std::string_view snapshot_stream, std::string_view stream) {
    folded_.clear();
    superseded_.clear();
    ANNALS_TRY(const auto life, lives_.own(stream, events_point_));
    const bool is_tombstoned = life && life->is_tombstoned();
    streams::SnapshotFold fold(life ? life->hidden : 0);
    ANNALS_TRY(const std::optional<index::StreamHead> head, system_.index().head(snapshot_stream));
    if (!head) return ok();
    superseded_.assign(static_cast<std::size_t>(head->last.value) + 1, false);
    std::vector<Position> positions;
    for (Revision from = head->last;;) {
        positions.clear();
        ANNALS_CHECK(system_.index().stream_positions(
            snapshot_stream, from, index::Direction::kBackwards, kSnapshotsAtOnce, positions
        ));
        log::LogReader reader = system_.log().reader();
        for (const Position position : positions) {
            if (position > point()) continue;
            ANNALS_TRY(const log::StoredEvent stored, reader.at(position));
            if (stored.is_removed) continue;
            model::RecordedEvent event;
            ANNALS_CHECK(model::decode_event_fields(stored.envelope, event));
            ANNALS_CHECK(model::decode_event_fields(stored.payload, event));
            const streams::SnapshotFold::Verdict verdict = fold.take(event);
            superseded_[static_cast<std::size_t>(stored.revision.value)] =
                verdict == streams::SnapshotFold::Verdict::kSuperseded ||
                (is_tombstoned && verdict == streams::SnapshotFold::Verdict::kShown);
        }
        if (positions.size() < kSnapshotsAtOnce || from.value < kSnapshotsAtOnce) break;
        from = Revision(from.value - kSnapshotsAtOnce);
    }
    folded_ = snapshot_stream;
    return ok();
}

}  // namespace annals::scavenge
