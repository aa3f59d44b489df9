// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <vector>

#include "annals/commit/orderer.hpp"
#include "annals/model/event_batch.hpp"
#include "annals/streams/envelope_filter.hpp"
#include "annals/streams/fill.hpp"
#include "annals/streams/recorded_window.hpp"

namespace annals::streams {

/// The events of a log that meet a filter, by position. Looks only where recorded times allow, goes
/// through the posting lists of the index where the filter names something that has one, and
/// through the log itself where it does not or where few positions are left. A filter that meets
/// nothing stops after a bounded amount of work and says how far it came.
///
/// Removed events that meet the filter are told of, and counted: streams and types are known as
/// long as the log is. Tags are forgotten with the cut (docs/adr/0018): a filter with tags is told
/// once that nobody knows of removed events up to there.
///
/// One thread at a time (it keeps scratch memory). The orderer must outlive it.
class FilteredEvents {
  public:
    /// So few positions are read from the log rather than looked up.
    static constexpr std::uint64_t kScannedDirectly = 512;

    FilteredEvents(const commit::Orderer& orderer, model::Filter filter);

    /// Adds matches of the span, whose positions must be visible, until the batch is full, the work
    /// is enough or the span is done.
    Result<Fill> fill(
        log::LogReader& reader, const Span& span, const FillLimits& limits, model::EventBatch& batch
    );

    [[nodiscard]] const EnvelopeFilter& filter() const { return filter_; }

  private:
    Result<Fill> fill_within(
        log::LogReader& reader, const Span& span, const FillLimits& limits, model::EventBatch& batch
    );
    Result<Fill> scan(
        log::LogReader& reader, const Span& span, const FillLimits& limits, model::EventBatch& batch
    );
    Result<Fill> look_up(
        log::LogReader& reader, const Span& span, const FillLimits& limits, model::EventBatch& batch
    );

    Status add_lost(const Span& rest, Position to, std::size_t wanted);

    const commit::Orderer& orderer_;
    EnvelopeFilter filter_;
    RecordedWindow window_;
    model::Filter candidates_;  ///< what the index is asked
    bool has_candidates_;
    std::vector<Position> positions_;
};

}  // namespace annals::streams
