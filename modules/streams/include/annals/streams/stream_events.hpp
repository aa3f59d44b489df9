// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "annals/commit/orderer.hpp"
#include "annals/model/event_batch.hpp"
#include "annals/streams/fill.hpp"

namespace annals::streams {

/// The events of one stream, by revision. One thread at a time (it keeps scratch memory); the
/// orderer must outlive it.
class StreamEvents {
  public:
    StreamEvents(const commit::Orderer& orderer, std::string stream)
        : orderer_(orderer), stream_(std::move(stream)) {}

    [[nodiscard]] const std::string& stream() const { return stream_; }

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

    /// Adds events from the revision on, none beyond `visible`, until the batch is full or the
    /// stream ends. `reached` is the position of the last one added, or 0.
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
    std::vector<Position> positions_;
};

}  // namespace annals::streams
