// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <variant>

#include "annals/api/requests.hpp"
#include "annals/commit/orderer.hpp"
#include "annals/streams/stream_events.hpp"
#include "annals/streams/tokens.hpp"

namespace annals::streams {

/// Where a read or a subscription begins, in positions: the first one to look at in its direction.
/// Backwards 0 means that nothing lies before.
///
/// A start beyond the end is token_beyond_end, for tokens and for plain numbers alike (position
/// `visible` + 1 is not: it is where the next event will be; backwards any number beyond means the
/// end). FromRevision is for streams.
Result<Position> first_position(
    const commit::Orderer& orderer,
    const Tokens& tokens,
    const api::ReadStart& start,
    api::Direction direction,
    Position visible
);

/// The same in revisions of a stream that has events. Nothing: no event lies there (yet, forwards).
Result<std::optional<Revision>> first_revision(
    StreamEvents& events,
    const index::StreamHead& head,
    Position first,
    api::Direction direction,
    log::LogReader& reader
);

}  // namespace annals::streams
