// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/streams/filtered_events.hpp"

#include <algorithm>
#include <optional>

#include "annals/base/clock.hpp"
#include "annals/model/names.hpp"

#include "batch_filler.hpp"

namespace annals::streams {
namespace {

/// The index is asked about so many positions at once, more while that is quick.
constexpr std::uint64_t kLookUpPositions = 1u << 18u;
constexpr std::int64_t kQuickNs = 1'000'000;

/// What the index can narrow: prefixes that hold a whole category name it.
model::Filter candidates_of(const model::Filter& filter) {
    model::Filter candidates;
    candidates.categories = filter.categories;
    candidates.types = filter.types;
    candidates.tags = filter.tags;
    candidates.include_system = true;
    if (!filter.categories.empty()) return candidates;
    for (const std::string& prefix : filter.stream_prefixes) {
        const std::string_view category = model::category_of(prefix);
        if (category.empty()) {
            candidates.categories.clear();
            break;
        }
        const bool is_new = std::find(
                                candidates.categories.begin(), candidates.categories.end(), category
                            ) == candidates.categories.end();
        if (is_new) candidates.categories.emplace_back(category);
    }
    return candidates;
}

std::uint64_t size_of(const Span& span) {
    return (span.is_forwards() ? span.to.value - span.from.value : span.from.value - span.to.value
           ) +
           1;
}

/// One further in the span's direction. Position 0 is before the first, so that going back never
/// wraps.
Position after(const Span& span, Position position) {
    return Position(span.is_forwards() ? position.value + 1 : position.value - 1);
}
Position before(const Span& span, Position position) {
    if (span.is_forwards()) return Position(position.value == 0 ? 0 : position.value - 1);
    return position.next();
}

/// Up to the cut, tags of removed events are forgotten: nobody knows whether some were asked for.
/// Said once, by the page that leaves these positions behind, whatever of them is folded already.
void add_uncertain(const Span& span, Position cut, Fill& fill) {
    if (cut.value == 0) return;
    api::RemovedEvents uncertain;
    uncertain.first_position = Position(1);
    uncertain.last_position = cut;
    uncertain.is_uncertain = true;
    if (!span.is_forwards()) {
        if (fill.is_done) fill.removed.push_back(uncertain);
        return;
    }
    if (span.from > cut || fill.reached < cut) return;
    const auto behind = std::find_if(
        fill.removed.begin(),
        fill.removed.end(),
        [&](const api::RemovedEvents& one) { return one.first_position > cut; }
    );
    fill.removed.insert(behind, uncertain);
    if (cut <= fill.last_added.position) ++fill.removed_before_last;
}

}  // namespace

FilteredEvents::FilteredEvents(const commit::Orderer& orderer, model::Filter filter)
    : orderer_(orderer),
      filter_(std::move(filter)),
      window_(orderer, filter_.filter()),
      candidates_(candidates_of(filter_.filter())),
      has_candidates_(!candidates_.is_everything()) {}

Result<Fill> FilteredEvents::fill(
    log::LogReader& reader, const Span& span, const FillLimits& limits, model::EventBatch& batch
) {
    Fill nothing;
    nothing.is_done = true;
    if (span.is_empty()) {
        nothing.reached = before(span, span.from);
        return nothing;
    }
    if (!filter_.filter().bounds_time()) return fill_within(reader, span, limits, batch);
    ANNALS_TRY(
        const RecordedWindow::Bounds bounds, window_.as_of(span.is_forwards() ? span.to : span.from)
    );
    Span within = span;
    Position& low = span.is_forwards() ? within.from : within.to;
    Position& high = span.is_forwards() ? within.to : within.from;
    low = std::max(low, bounds.first);
    high = std::min(high, bounds.last);
    nothing.reached = span.to;
    if (within.is_empty()) return nothing;
    ANNALS_TRY(Fill fill, fill_within(reader, within, limits, batch));
    if (fill.is_done && fill.reached != span.to) {
        fill.reached = span.to;
        fill.chain_bits.reset();
    }
    return fill;
}

Result<Fill> FilteredEvents::fill_within(
    log::LogReader& reader, const Span& span, const FillLimits& limits, model::EventBatch& batch
) {
    const bool is_scanned = !has_candidates_ || size_of(span) <= kScannedDirectly;
    ANNALS_TRY(
        Fill fill,
        is_scanned ? scan(reader, span, limits, batch) : look_up(reader, span, limits, batch)
    );
    if (!filter_.filter().tags.empty()) add_uncertain(span, orderer_.cut().position, fill);
    return fill;
}

Result<Fill> FilteredEvents::scan(
    log::LogReader& reader, const Span& span, const FillLimits& limits, model::EventBatch& batch
) {
    // Patterns cost a thousand times as much as names.
    const bool has_pattern = !filter_.filter().stream_pattern.empty() ||
                             !filter_.filter().type_pattern.empty();
    const std::uint64_t look_at_clock = has_pattern ? 64 : 4'096;
    detail::BatchFiller filler(limits, batch);
    std::optional<Error> failed;
    const std::int64_t start_ns = system_clock().monotonic_ns();
    const std::uint64_t all = size_of(span);
    const std::uint64_t most = std::min(all, limits.scan_positions_max);
    Position at = span.from;
    for (std::uint64_t n = 0; n < most; ++n, at = after(span, at)) {
        const Result<log::StoredEvent> event = reader.at(at);
        if (!event && !orderer_.log().passes_over(event.error())) [[unlikely]] {
            // What lies before damage is given first.
            if (n == 0 || event.error().code() != ErrorCode::kDataLoss) return event.error();
            return filler.stop(before(span, at), false);
        }
        const bool is_match = event && filter_.matches(event->envelope, &failed);
        if (failed) return *failed;
        if (is_match && event->is_removed) [[unlikely]] {
            filler.pass_removed(*event, false);
        } else if (is_match && !filler.add(*event)) {
            return filler.stop(before(span, at), false);
        }
        const bool is_enough = n % look_at_clock == look_at_clock - 1 &&
                               system_clock().monotonic_ns() - start_ns > limits.work_ns_max;
        if (filler.is_full() || is_enough) return filler.stop(at, n + 1 == all);
    }
    return filler.stop(before(span, at), most == all);
}

Result<Fill> FilteredEvents::look_up(
    log::LogReader& reader, const Span& span, const FillLimits& limits, model::EventBatch& batch
) {
    const auto direction = span.is_forwards() ? index::Direction::kForwards
                                              : index::Direction::kBackwards;
    detail::BatchFiller filler(limits, batch);
    std::optional<Error> failed;
    const std::int64_t start_ns = system_clock().monotonic_ns();
    std::uint64_t stride = kLookUpPositions;
    Span rest = span;
    while (true) {
        const std::int64_t lap_ns = system_clock().monotonic_ns();
        const std::uint64_t ahead = std::min(stride, size_of(rest)) - 1;
        const Position to(rest.is_forwards() ? rest.from.value + ahead : rest.from.value - ahead);
        const std::size_t wanted = filler.room();
        positions_.clear();
        ANNALS_TRY(
            const bool is_known,
            orderer_.index().filter_positions(
                candidates_, rest.from, to, direction, wanted, positions_
            )
        );
        if (!is_known) return scan(reader, rest, limits, batch);
        ANNALS_CHECK(add_lost(rest, to, wanted));
        for (const Position position : positions_) {
            const Result<log::StoredEvent> event = reader.at(position);
            if (!event && !orderer_.log().passes_over(event.error())) [[unlikely]] {
                // What lies before damage is given first.
                const bool is_first = position == span.from;
                if (is_first || event.error().code() != ErrorCode::kDataLoss) return event.error();
                return filler.stop(before(rest, position), false);
            }
            const bool is_match = event && filter_.matches(event->envelope, &failed);
            if (failed) return *failed;
            if (is_match && event->is_removed) {
                filler.pass_removed(*event, false);
            } else if (is_match && !filler.add(*event)) {
                return filler.stop(before(rest, position), false);
            }
        }
        // All candidates up to there were seen.
        const Position reached = positions_.size() < wanted ? to : positions_.back();
        const bool is_done = reached == span.to;
        const std::int64_t now_ns = system_clock().monotonic_ns();
        if (is_done || filler.is_full() || now_ns - start_ns > limits.work_ns_max) {
            return filler.stop(reached, is_done);
        }
        if (now_ns - lap_ns < kQuickNs) stride *= 2;
        rest.from = after(rest, reached);
    }
}

/// Any filter may have met what was lost to damage before the index took it in: candidates too.
Status FilteredEvents::add_lost(const Span& rest, Position to, std::size_t wanted) {
    if (orderer_.log().damage_count() == 0) [[likely]]
        return ok();
    const auto direction = rest.is_forwards() ? index::Direction::kForwards
                                              : index::Direction::kBackwards;
    model::Filter lost;
    lost.tags = {std::string(index::kLostTag)};
    lost.include_system = true;
    std::vector<Position> found;
    ANNALS_CHECK(orderer_.index().filter_positions(lost, rest.from, to, direction, wanted, found));
    positions_.insert(positions_.end(), found.begin(), found.end());
    std::sort(positions_.begin(), positions_.end(), [&](Position one, Position other) {
        return rest.is_forwards() ? one < other : other < one;
    });
    positions_.erase(std::unique(positions_.begin(), positions_.end()), positions_.end());
    if (positions_.size() > wanted) positions_.resize(wanted);
    return ok();
}

}  // namespace annals::streams
