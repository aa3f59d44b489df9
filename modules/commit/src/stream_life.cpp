// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/commit/stream_life.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "annals/model/event.hpp"
#include "annals/model/names.hpp"

namespace annals::commit {
namespace {

constexpr auto kBackwards = index::Direction::kBackwards;

Result<model::RecordedEvent> envelope_at(log::LogReader& reader, Position position) {
    ANNALS_TRY(const log::StoredEvent stored, reader.at(position));
    model::RecordedEvent event;
    ANNALS_CHECK(model::decode_event_fields(stored.envelope, event));
    ANNALS_CHECK(model::decode_event_fields(stored.payload, event));
    event.position = stored.position;
    event.revision = stored.revision;
    event.recorded_time = stored.recorded_time;
    return event;
}

/// Position of the stream's last soft delete at or before `until`; 0: there was none. The tag may
/// also be on events of others.
Result<Position> find_deletion(
    const index::Index& index, log::LogReader& reader, std::string_view stream, Position until
) {
    const model::Query query{
        {{.types = {std::string(model::kDeletedType)}, .tags = {model::deletion_tag_of(stream)}}}
    };
    std::vector<Position> found;
    while (until.value != 0) {
        found.clear();
        ANNALS_CHECK(index.query_positions(query, until, Position(1), kBackwards, 1, found));
        if (found.empty()) break;
        ANNALS_TRY(const model::RecordedEvent event, envelope_at(reader, found.front()));
        if (model::subject_of(event.stream) == stream) return found.front();
        until = Position(found.front().value - 1);
    }
    return Position(0);
}

/// How many events of the stream lie before the position.
Result<std::uint64_t> events_before(
    const index::Index& index, std::string_view stream, Position position
) {
    ANNALS_TRY(const std::optional<index::StreamHead> head, index.head(stream));
    if (!head) return std::uint64_t{0};
    std::uint64_t low = head->first.value;
    std::uint64_t high = head->last.value + 1;
    std::vector<Position> found;
    while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        found.clear();
        ANNALS_CHECK(
            index.stream_positions(stream, Revision(middle), index::Direction::kForwards, 1, found)
        );
        const bool is_before = !found.empty() && found.front() < position;
        (is_before ? low : high) = is_before ? middle + 1 : middle;
    }
    return low;
}

}  // namespace

Result<Position> find_life(const index::Index& index, std::string_view stream, Position as_of) {
    const std::string metadata_stream = model::metadata_stream_of(stream);
    ANNALS_TRY(const std::optional<index::StreamHead> head, index.head(metadata_stream));
    if (!head) return Position(0);
    if (head->last_position <= as_of) return head->last_position;
    std::vector<Position> found;
    // The index is a moment ahead of what is asked for.
    for (Revision from = head->last;;) {
        constexpr std::uint64_t kLook = 64;
        found.clear();
        ANNALS_CHECK(index.stream_positions(metadata_stream, from, kBackwards, kLook, found));
        const auto seen = std::find_if(found.begin(), found.end(), [&](Position position) {
            return position <= as_of;
        });
        if (seen != found.end()) return *seen;
        if (from.value < kLook) return Position(0);
        from = Revision(from.value - kLook);
    }
}

Result<StreamLife> read_life(
    const index::Index& index,
    const log::SegmentLog& log,
    std::string_view stream,
    Position position
) {
    StreamLife life;
    if (position.value == 0) return life;
    log::LogReader reader = log.reader();
    ANNALS_TRY(const log::StoredEvent stored, reader.at(position));
    if (stored.is_removed) {
        // It was superseded before it was removed: what came after it holds.
        ANNALS_TRY(const Position newest, find_life(index, stream, index.position()));
        if (newest > position) return read_life(index, log, stream, newest);
    }
    ANNALS_TRY(const model::RecordedEvent event, envelope_at(reader, position));
    const auto change = model::life_change_of(event.stream, event.type);
    if (!change || model::subject_of(event.stream) != stream) {
        return Error(
                   ErrorCode::kInternal,
                   "position " + std::to_string(position.value) +
                       " is no event of the metadata of stream \"" + model::shown(stream) +
                       "\": delete the index folder and start again"
        )
            .with("position", std::to_string(position.value));
    }
    life.position = position;
    life.revision = event.revision;
    life.recorded_time = event.recorded_time;
    life.change = *change;
    if (*change == model::LifeChange::kMetadata) {
        life.metadata = model::parse_stream_metadata(event.data);
    }
    Position deleted_at = position;
    if (*change != model::LifeChange::kDelete) {
        ANNALS_TRY(deleted_at, find_deletion(index, reader, stream, position));
    }
    if (deleted_at.value != 0) {
        ANNALS_TRY(life.hidden, events_before(index, stream, deleted_at));
    }
    return life;
}

}  // namespace annals::commit
