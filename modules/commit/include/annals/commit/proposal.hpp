// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "annals/base/named_type.hpp"
#include "annals/base/uuid.hpp"
#include "annals/commit/hashed_query.hpp"
#include "annals/model/append.hpp"
#include "annals/model/cut.hpp"
#include "annals/model/stream_life.hpp"

namespace annals::commit {

/// One event of a proposal, as far as the rules look at it.
struct ProposedEvent {
    Uuid id;
    std::uint64_t fingerprint = 0;  ///< model::fingerprint
    std::uint32_t stream = 0;       ///< in Proposal::streams
    /// The client chose the id, or it comes from an idempotency key: it may be a retry. An id that
    /// the server made at admission is new by construction.
    bool is_id_given = false;
    bool is_id_of_key = false;  ///< it comes from an idempotency key: refusals name that
};

/// A stream that the proposal writes to or checks; each is named once.
struct ProposedStream {
    std::string_view name;
    std::uint32_t events = 0;     ///< how many events go there; 0: it is only checked
    std::uint32_t given_ids = 0;  ///< how many of them have is_id_given
};

/// What the proposal's one event, which goes to a metadata stream, does to that stream's subject
/// (docs/adr/0007).
struct ProposedChange {
    std::uint32_t stream = 0;  ///< in Proposal::streams: the subject
    model::LifeChange change = model::LifeChange::kMetadata;
};

struct ProposedStreamCheck {
    std::uint32_t check_index = 0;  ///< in AppendRequest::checks
    std::uint32_t stream = 0;       ///< in Proposal::streams
    model::ExpectedRevision expected;
};

struct ProposedQueryCheck {
    std::uint32_t check_index = 0;  ///< in AppendRequest::checks
    HashedQuery query;
    Position after;  ///< the token's position; it was found to belong to this log
};

struct ProposedTracking {
    std::uint64_t position = 0;
    std::uint64_t fingerprint = 0;  ///< of the whole append, see append_fingerprint()
};

/// An append as the rules see it: names resolved, ids given, content reduced to fingerprints.
/// Everything that a decision needs and that does not come from the log's state is in here, so
/// that it is decided alike wherever and whenever it is decided (log-and-rules 2.8).
struct Proposal {
    std::vector<ProposedStream> streams;  ///< written ones first, in order of first mention
    std::vector<ProposedEvent> events;
    std::optional<ProposedChange> change;  ///< then there is one event
    std::optional<model::Cut> cut;         ///< it logs this cut; then there is one event
    std::vector<ProposedStreamCheck> stream_checks;
    std::vector<ProposedQueryCheck> query_checks;
    std::optional<ProposedTracking> tracking;

    /// Empties everything and keeps the memory.
    void clear();
};

/// What makes two appends with the same tracking the same: streams and fingerprints in order, not
/// the ids, which a consumer that makes them at random gives anew when it works again.
std::uint64_t append_fingerprint(const Proposal& proposal);

/// Ordinal of an event whose id and stream occurred before in the proposal: no append may name one
/// event twice. Looks at given ids only.
std::optional<std::uint32_t> find_repeated_id(const Proposal& proposal);

}  // namespace annals::commit
