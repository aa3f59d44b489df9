// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "annals/commit/orderer.hpp"
#include "annals/model/event_batch.hpp"
#include "annals/streams/envelope_filter.hpp"
#include "annals/streams/fill.hpp"
#include "annals/streams/recorded_window.hpp"

namespace annals::streams {

/// The events of one stream, by revision; all, or those that a filter lets pass. One thread at a
/// time (it keeps scratch memory); the orderer must outlive it.
class StreamEvents {
  public:
    /// Of the filter what check_selection() allows of one stream.
    StreamEvents(const commit::Orderer& orderer, std::string stream, model::Filter filter = {});

    [[nodiscard]] const std::string& stream() const { return stream_; }
    [[nodiscard]] bool is_filtered() const { return filter_.has_value(); }

    /// The stream's head as of `visible`: nothing when no event of it was visible then.
    Result<std::optional<index::StreamHead>> head(Position visible);
    /// The same from a head that was looked up before.
    Result<std::optional<index::StreamHead>> head_at(
        std::optional<index::StreamHead> head, Position visible
    );

    /// Revision of the first event at or behind the position; one past the last when there is none.
    /// Costs two looks at the log where the stream's own event lies there (a token of an earlier
    /// page), otherwise a binary search.
    Result<Revision> revision_from(
        Position position, const index::StreamHead& head, log::LogReader& reader
    );

    /// When the event of the revision, which exists, was recorded.
    Result<TimeNs> time_of(Revision revision);

    /// Adds events from the revision on, none beyond `visible`, until the batch is full, the stream
    /// ends, or, where nothing is to give for long, the work is enough. `reached` is the position
    /// of the last one added or passed over, because it was removed or by the filter, or 0.
    Result<Fill> fill(
        log::LogReader& reader,
        Revision from,
        api::Direction direction,
        Position visible,
        const FillLimits& limits,
        model::EventBatch& batch
    );

  private:
    const commit::Orderer& orderer_;
    std::string stream_;
    std::optional<EnvelopeFilter> filter_;
    std::optional<RecordedWindow> window_;
    bool has_tags_ = false;
    std::vector<Position> positions_;
};

}  // namespace annals::streams
