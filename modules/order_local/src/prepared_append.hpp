// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "annals/base/uuid.hpp"
#include "annals/commit/orderer.hpp"
#include "annals/commit/proposal.hpp"
#include "annals/commit/rules.hpp"
#include "annals/commit/stream_table.hpp"
#include "annals/index/index.hpp"
#include "annals/log/encoded_append.hpp"
#include "annals/model/append.hpp"
#include "annals/model/token.hpp"

namespace annals::order_local {

/// How far a query check was looked into before the writer sees it.
struct PreparedQuery {
    model::Query query;
    std::uint32_t check_index = 0;  ///< of the request, for errors
    /// A token that the caller's thread could not prove: one further back than memory, which a
    /// reader does, or, in interval mode, one of an answer that is not synced yet (the writer).
    std::optional<model::PositionToken> unproven;
    Position checked_to;  ///< (after, checked_to] was asked of the index
    Position match;       ///< what was found there; 0: nothing

    /// A token of its check that does not hold.
    [[nodiscard]] Error refused_token(const Error& error, const model::PositionToken& token) const {
        const std::string field = "checks[" + std::to_string(check_index) + "].after";
        return model::refused_token(error, field, token);
    }
};

/// What an append's streams need beside commit::ProposedStream.
struct PreparedStream {
    commit::StreamEntry* entry = nullptr;  ///< pinned
    /// The ids given for it were looked up among all events up to PreparedAppend::prepared_at.
    bool are_ids_resolved = false;
    /// The ids given for it must be looked up before the writer sees it (are_ids_needed()).
    bool are_ids_needed = false;
};

/// One submitted append on its way: everything that the single writer needs to decide, stamp and
/// copy it, made by the caller's thread (and a reader, where the disk is needed). Pooled: clear()
/// keeps the memory. Owned by one thread at a time.
struct PreparedAppend {
    commit::Proposal proposal;
    std::vector<PreparedStream> streams;      ///< by ordinal in proposal.streams
    std::vector<PreparedQuery> queries;       ///< by ordinal in proposal.query_checks
    commit::StreamEntry* tracking = nullptr;  ///< pinned
    log::EncodedAppend encoded;
    std::vector<Uuid> ids;

    std::string text;                          ///< types and tags, reserved at once: views stay
    std::vector<index::Term> tags;             ///< of all events, one after the other
    std::vector<commit::TermHash> tag_hashes;  ///< the same
    std::vector<index::IndexedEvent> indexed;  ///< complete but for the stamps

    commit::SubmitDone done;
    std::int64_t submitted_ns = 0;  ///< by the machine's monotonic clock
    model::AppendResult result;     ///< names filled in, numbers by the writer

    Position prepared_at;                   ///< what is newer is the writer's to look at
    std::vector<commit::KnownEvent> known;  ///< up to prepared_at, in any order
    model::Cut prepared_cut;                ///< `known` and matches are as of this one
    std::uint32_t rounds = 0;               ///< how often the writer sent it back
    bool is_counted_waiting = false;        ///< in StreamEntry::waiting of its streams

    // The writer's.
    commit::Decision::Kind outcome = commit::Decision::Kind::kUndecided;
    Position decided_at;  ///< the end that it was decided on
    Position replay_first;
    std::uint32_t replay_events = 0;
    std::uint64_t chain = 0;  ///< after its last event
    std::optional<Error> error;

    [[nodiscard]] std::size_t bytes() const { return encoded.bytes(); }
    [[nodiscard]] Position last_position() const { return indexed.back().position; }
    /// Keeps later appends to the same streams behind this one until its StreamEntry::waiting are
    /// counted down again.
    void mark_waiting();
    /// Unpins and empties.
    void clear();
    /// Memory that stays with it for the next append.
    [[nodiscard]] std::size_t kept_bytes() const;
};

}  // namespace annals::order_local
