// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/commit/forgotten.hpp"

#include <optional>
#include <vector>

#include "annals/model/event.hpp"
#include "annals/model/stream_life.hpp"

namespace annals::commit {

bool may_fold(const log::StoredEvent& event, TimeNs removed_before) {
    if (!event.is_removed) return false;
    if (event.is_folded) return true;
    if (event.removed_time >= removed_before) return false;
    model::RecordedEvent named;
    if (!model::decode_event_fields(event.envelope, named)) return false;
    return model::life_change_of(named.stream, named.type) != model::LifeChange::kDelete;
}

Result<bool> is_forgotten(
    log::LogReader& reader, const log::StoredEvent& event, const model::Cut& cut
) {
    if (event.is_folded) return true;
    if (event.position > cut.position || !may_fold(event, cut.removed_before)) return false;
    ANNALS_TRY(const log::StoredAppend append, reader.append_of(event));
    const Position first(event.position.value - append.event_ordinal);
    for (std::uint32_t i = 0; i < append.event_count; ++i) {
        if (i == append.event_ordinal) continue;
        ANNALS_TRY(const log::StoredEvent other, reader.at(first.plus(i)));
        if (!may_fold(other, cut.removed_before)) return false;
    }
    // Cuts end with an append.
    return first.plus(append.event_count - 1) <= cut.position;
}

Result<model::Cut> read_cut(const index::Index& index, const log::SegmentLog& log) {
    ANNALS_TRY(const std::optional<index::StreamHead> head, index.head(model::kCutStream));
    if (!head) return model::Cut();
    std::vector<Position> positions;
    log::LogReader reader = log.reader();
    // The last one says all, unless somebody had it removed.
    for (std::uint64_t revision = head->last.value + 1; revision-- > 0;) {
        positions.clear();
        ANNALS_CHECK(index.stream_positions(
            model::kCutStream, Revision(revision), index::Direction::kForwards, 1, positions
        ));
        if (positions.empty()) break;
        const Result<log::StoredEvent> stored = reader.at(positions.front());
        // A log that is damaged takes no appends, unless the damage is accepted: then the cut
        // before holds.
        if (!stored && stored.error().code() == ErrorCode::kDataLoss) continue;
        if (!stored) return stored.error();
        if (stored->is_removed) continue;
        model::RecordedEvent event;
        ANNALS_CHECK(model::decode_event_fields(stored->payload, event));
        if (const auto cut = model::parse_cut(event.data)) return *cut;
    }
    return model::Cut();
}

}  // namespace annals::commit
