// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/streams/start.hpp"

#include <algorithm>

namespace annals::streams {
namespace {

Error beyond_end(Position position, Position visible) {
    return Error(
               ErrorCode::kTokenBeyondEnd,
               "position " + std::to_string(position.value) +
                   " lies beyond the end of the log, which is " + std::to_string(visible.value) +
                   ": start from the end, or from a position of this log"
    )
        .with("field", "from_position")
        .with("position", std::to_string(position.value))
        .with("end", std::to_string(visible.value));
}

Position one_before(Position position) {
    return Position(position.value == 0 ? 0 : position.value - 1);
}

}  // namespace

Result<Position> first_position(
    const commit::Orderer& orderer,
    const Tokens& tokens,
    const api::ReadStart& start,
    api::Direction direction,
    Position visible
) {
    const bool is_forwards = direction == api::Direction::kForwards;
    if (const auto* after = std::get_if<api::AfterToken>(&start)) {
        ANNALS_TRY(const Position position, tokens.check(after->token, "after"));
        return is_forwards ? position.next() : one_before(position);
    }
    if (const auto* from = std::get_if<api::FromPosition>(&start)) {
        if (!is_forwards) return std::min(from->position, visible);
        if (from->position > visible.next()) return beyond_end(from->position, visible);
        return std::max(from->position, Position(1));
    }
    if (const auto* from = std::get_if<api::FromTime>(&start)) {
        ANNALS_TRY(const Position position, orderer.log().find_time(from->time));
        if (is_forwards) return std::min(position, visible.next());
        return std::min(one_before(position), visible);
    }
    if (std::holds_alternative<api::FromRevision>(start)) {
        return Error(
                   ErrorCode::kInvalidArgument,
                   "from_revision is for reading one stream: name the stream"
        )
            .with("field", "from_revision");
    }
    return is_forwards ? Position(1) : visible;
}

Result<std::optional<Revision>> first_revision(
    StreamEvents& events,
    const index::StreamHead& head,
    Position first,
    api::Direction direction,
    log::LogReader& reader
) {
    if (direction == api::Direction::kForwards) {
        ANNALS_TRY(const Revision revision, events.revision_from(first, head, reader));
        return std::optional<Revision>(revision);
    }
    if (first.value == 0) return std::optional<Revision>();
    ANNALS_TRY(const Revision behind, events.revision_from(first.next(), head, reader));
    if (behind <= head.first) return std::optional<Revision>();
    return std::optional<Revision>(Revision(behind.value - 1));
}

}  // namespace annals::streams
