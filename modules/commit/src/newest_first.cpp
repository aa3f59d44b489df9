// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/commit/newest_first.hpp"

#include <algorithm>
#include <utility>

namespace annals::commit {
namespace {

constexpr std::size_t kPositionsAtOnce = 256;

}  // namespace

Result<NewestFirst> NewestFirst::open(
    const Orderer& orderer, std::string stream, std::optional<Revision> below
) {
    NewestFirst events(orderer, std::move(stream));
    ANNALS_TRY(const auto head, orderer.index().head(events.stream_));
    if (head) {
        events.is_known_ = true;
        const std::uint64_t end = head->last.value + 1;
        events.below_ = below ? std::min(below->value, end) : end;
    }
    return events;
}

Result<std::optional<log::StoredEvent>> NewestFirst::next() {
    using Found = std::optional<log::StoredEvent>;
    while (below_ > 0) {
        if (place_ == positions_.size()) {
            positions_.clear();
            place_ = 0;
            ANNALS_CHECK(orderer_->index().stream_positions(
                stream_,
                Revision(below_ - 1),
                index::Direction::kBackwards,
                kPositionsAtOnce,
                positions_
            ));
            if (positions_.empty()) {
                below_ = 0;
                break;
            }
        }
        --below_;
        Result<log::StoredEvent> stored = reader_.at(positions_[place_++]);
        if (stored) return Found(*stored);
        if (!orderer_->log().passes_over(stored.error())) return std::move(stored).take_error();
    }
    return Found();
}

}  // namespace annals::commit
