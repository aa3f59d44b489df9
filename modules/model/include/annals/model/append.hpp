// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "annals/base/error.hpp"
#include "annals/base/named_type.hpp"
#include "annals/model/event.hpp"
#include "annals/model/query.hpp"

namespace annals::model {

enum class ExpectedKind : std::uint8_t { kAny, kNoStream, kExists, kDeleted, kExactly };

/// What a stream must be like for an append to be accepted.
struct ExpectedRevision {
    ExpectedKind kind = ExpectedKind::kAny;
    Revision revision;  ///< for kExactly

    static constexpr ExpectedRevision any() { return {}; }
    static constexpr ExpectedRevision no_stream() { return {ExpectedKind::kNoStream, {}}; }
    static constexpr ExpectedRevision exists() { return {ExpectedKind::kExists, {}}; }
    static constexpr ExpectedRevision deleted() { return {ExpectedKind::kDeleted, {}}; }
    static constexpr ExpectedRevision exactly(Revision revision) {
        return {ExpectedKind::kExactly, revision};
    }
    bool operator==(const ExpectedRevision&) const = default;
};

/// "any", "no stream", "exists", "deleted", "revision 7".
std::string to_string(const ExpectedRevision& expected);

/// A condition on one stream, also on one the append does not write to.
struct StreamCheck {
    std::string_view stream;
    ExpectedRevision expected;
};

/// No event after `after` may meet the query: the dynamic consistency boundary. An empty token
/// means from the start. `after` is a position token's text.
struct QueryCheck {
    Query query;
    std::string_view after;
};

using Check = std::variant<StreamCheck, QueryCheck>;

/// Where a consumer of another source has come to; rises strictly per (source, consumer, key), so
/// that processing an event and appending its results happens exactly once (log-and-rules 2.3).
struct Tracking {
    std::string_view source;
    std::string_view consumer;
    std::string_view key;
    std::uint64_t position = 0;
};

/// One append: all of it or nothing. Views live as long as the caller keeps them; the engine copies
/// what it keeps before append() returns.
struct AppendRequest {
    std::string_view stream;  ///< for events that name none
    std::vector<NewEvent> events;
    std::vector<Check> checks;
    std::optional<Tracking> tracking;
    std::string_view idempotency_key;
};

/// First and last revision that the append gave in one stream.
struct StreamRevisions {
    std::string stream;
    Revision first;
    Revision last;
    bool operator==(const StreamRevisions&) const = default;
};

struct AppendResult {
    Position first_position;
    Position last_position;
    std::uint32_t chain_bits = 0;  ///< of last_position, for the token
    TimeNs recorded_time;
    std::vector<StreamRevisions> streams;  ///< in order of first mention
    bool is_replay = false;
    bool is_durable = true;  ///< false only in interval mode
};

/// One check that failed, with the value it met.
struct FailedCheck {
    enum class Kind : std::uint8_t { kStream, kQuery };
    Kind kind = Kind::kStream;
    std::uint32_t check_index = 0;  ///< in AppendRequest::checks
    std::string stream;             ///< kStream
    ExpectedRevision expected;      ///< kStream
    std::optional<Revision>
        current_revision;        ///< kStream: last revision; nothing when the stream has no events
    bool is_deleted = false;     ///< kStream
    Position matching_position;  ///< kQuery: an event that meets the query
    bool operator==(const FailedCheck&) const = default;
};

/// Attached to every error of code conflict.
class ConflictDetails final : public ErrorDetails {
  public:
    explicit ConflictDetails(std::vector<FailedCheck> failed) : failed_checks(std::move(failed)) {}
    std::vector<FailedCheck> failed_checks;  ///< all that failed, in the order of the request
};

/// The error with a sentence over all failing checks.
Error make_conflict(std::vector<FailedCheck> failed);

}  // namespace annals::model
