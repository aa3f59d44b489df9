// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "lost_events.hpp"

#include <algorithm>
#include <optional>
#include <queue>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "annals/model/event.hpp"

namespace annals::order_local {
namespace {

/// Revisions of a stream that are missing between two of its events.
struct Gap {
    Position after;
    Position before;
    std::string stream;
    Revision next;
    std::uint64_t missing = 0;
};

struct IsLater {
    bool operator()(const Gap& one, const Gap& other) const { return one.before > other.before; }
};

class GapSearch {
  public:
    GapSearch(const log::SegmentLog& log, const index::Index& index) : log_(log), index_(index) {}

    void know(const index::IndexedEvent& event) {
        if (event.stream.text.empty()) return;
        last_[std::string(event.stream.text)] = {event.position, event.revision.next()};
    }

    Status run(Position first) {
        const Position end = log_.durable_end();
        std::optional<log::LogReader> reader;
        for (Position at = first; at <= end; ++at) {
            // A reader holds what it has touched.
            if (!reader || at.value % kEventsOfAReader == 0) reader.emplace(log_.reader());
            const Result<log::StoredEvent> stored = reader->at(at);
            if (stored) {
                ANNALS_CHECK(take(*stored));
            } else if (stored.error().code() == ErrorCode::kDataLoss) {
                lost.push_back(at);
            } else {
                return stored.error();
            }
        }
        return ok();
    }

    std::vector<Position> lost;
    std::vector<Gap> gaps;

  private:
    static constexpr std::uint64_t kEventsOfAReader = 65'536;

    struct Last {
        Position position;
        Revision next;
    };

    Status take(const log::StoredEvent& stored) {
        model::RecordedEvent event;
        ANNALS_CHECK(model::decode_event_fields(stored.envelope, event));
        auto [known, is_new] = last_.try_emplace(std::string(event.stream));
        if (is_new) {
            ANNALS_TRY(const std::optional<index::StreamHead> head, index_.head(event.stream));
            if (head) known->second = {head->last_position, head->last.next()};
        }
        Last& last = known->second;
        if (stored.revision > last.next) {
            gaps.push_back(
                {last.position,
                 stored.position,
                 known->first,
                 last.next,
                 stored.revision.value - last.next.value}
            );
        }
        last = {stored.position, stored.revision.next()};
        return ok();
    }

    const log::SegmentLog& log_;
    const index::Index& index_;
    std::unordered_map<std::string, Last> last_;
};

Error revisions_missing(const Gap& gap) {
    return Error(
               ErrorCode::kDataLoss,
               "revision " + std::to_string(gap.next.value) + " of stream \"" + gap.stream +
                   "\" is in no readable event before position " +
                   std::to_string(gap.before.value) + ": restore the log from a backup"
    )
        .with("stream", gap.stream)
        .with("position", std::to_string(gap.before.value));
}

}  // namespace

Result<LostEvents> LostEvents::find(
    const log::SegmentLog& log,
    const index::Index& index,
    std::span<const index::IndexedEvent> unfed,
    Position first
) {
    GapSearch search(log, index);
    for (const index::IndexedEvent& event : unfed) search.know(event);
    ANNALS_CHECK(search.run(first));
    std::sort(search.gaps.begin(), search.gaps.end(), [](const Gap& one, const Gap& other) {
        return one.after < other.after;
    });
    LostEvents found;
    std::priority_queue<Gap, std::vector<Gap>, IsLater> open;
    std::size_t next_gap = 0;
    for (const Position at : search.lost) {
        for (; next_gap < search.gaps.size() && search.gaps[next_gap].after < at; ++next_gap)
            open.push(std::move(search.gaps[next_gap]));
        if (open.empty()) continue;
        Gap gap = open.top();
        open.pop();
        if (gap.before < at) return revisions_missing(gap);
        found.events_[at] = {gap.stream, gap.next};
        gap.next = gap.next.next();
        if (--gap.missing != 0) open.push(std::move(gap));
    }
    if (!open.empty()) return revisions_missing(open.top());
    if (next_gap < search.gaps.size()) return revisions_missing(search.gaps[next_gap]);
    return found;
}

const LostEvents::Event* LostEvents::at(Position position) const {
    const auto found = events_.find(position);
    return found == events_.end() ? nullptr : &found->second;
}

}  // namespace annals::order_local
