// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/commit/newest_event.hpp"

#include <vector>

namespace annals::commit {

Result<std::optional<log::StoredEvent>> read_newest(
    const index::Index& index,
    const log::SegmentLog& log,
    log::LogReader& reader,
    std::string_view stream
) {
    using Newest = std::optional<log::StoredEvent>;
    ANNALS_TRY(const std::optional<index::StreamHead> head, index.head(stream));
    if (!head) return Newest();
    Result<log::StoredEvent> last = reader.at(head->last_position);
    if (last) return Newest(*last);
    if (!log.passes_over(last.error())) return std::move(last).take_error();
    std::vector<Position> positions;
    for (std::uint64_t revision = head->last.value; revision-- > 0;) {
        positions.clear();
        ANNALS_CHECK(index.stream_positions(
            stream, Revision(revision), index::Direction::kForwards, 1, positions
        ));
        if (positions.empty()) continue;
        Result<log::StoredEvent> before = reader.at(positions.front());
        if (before) return Newest(*before);
        if (!log.passes_over(before.error())) return std::move(before).take_error();
    }
    return Newest();
}

}  // namespace annals::commit
