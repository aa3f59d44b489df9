// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "annals/base/error.hpp"
#include "annals/base/named_type.hpp"
#include "annals/commit/proposal.hpp"
#include "annals/log/encoded_append.hpp"
#include "annals/model/cut.hpp"

namespace annals::commit {

/// Written with every append, so that each is read by the rules it was decided by. Under version 1
/// a fulfilled exact expectation left the ids unseen, so that a stream may hold an id more than
/// once (docs/adr/0019).
inline constexpr std::uint32_t kRulesVersion = 1;

/// What the rules keep of one stream, as of the end of the order.
struct StreamState {
    std::uint64_t event_count = 0;  ///< ever written: the next revision; 0: never written
    bool is_deleted = false;        ///< softly; the next event makes it live again (2.7)
    bool is_tombstoned = false;     ///< for ever
    bool has_metadata = false;      ///< its metadata stream was written to
    Revision truncate_before = {};  ///< what was before the last soft delete counts, unseen

    bool operator==(const StreamState&) const = default;
};

/// The state after `events` more events were accepted (2.7: the first event after a soft delete
/// makes the stream live again; what was before the delete stays hidden).
StreamState after_events(StreamState state, std::uint64_t events);
/// The state after its metadata stream took an event. Metadata written to a deleted stream make it
/// live again, as an event does.
StreamState after_change(StreamState state, model::LifeChange change);
/// The state of one of the proposal's streams after all of the proposal was accepted.
StreamState after_proposal(const Proposal& proposal, std::uint32_t stream, StreamState state);

/// Whether the stream is as expected (kurrentdb 5.4; 2.4: heads and logged deletes, never age or
/// count limits). `no stream`: never written or softly deleted. `exists`: live, with events or with
/// metadata. `exactly`: the last revision, also of a softly deleted stream.
bool is_as_expected(const StreamState& state, const model::ExpectedRevision& expected);

/// An event that a stream already holds under a proposed id.
struct KnownEvent {
    std::uint32_t event = 0;  ///< ordinal in the proposal
    Position position;
    std::uint64_t fingerprint = 0;
    Position append_first;  ///< first position of the append that brought it
    std::uint32_t append_events = 0;
};

/// The last append that was tracked for a (source, consumer, key).
struct TrackedAppend {
    std::uint64_t position = 0;  ///< of the source, as tracked
    std::uint64_t fingerprint = 0;
    Position append_first;  ///< 0: nothing was tracked yet
    std::uint32_t append_events = 0;

    bool operator==(const TrackedAppend&) const = default;
};

/// Whether a view could answer from memory. kMissing: it must look on the disk first; the decision
/// is then kUndecided and the proposal comes back later.
enum class Knowledge : std::uint8_t { kComplete, kMissing };

/// The state as of the end of the order, as far as one proposal asks for it: streams, events and
/// checks are named by their ordinals in the proposal. Never touches the disk (2.1).
class RulesView {
  public:
    RulesView() = default;
    RulesView(const RulesView&) = delete;
    RulesView& operator=(const RulesView&) = delete;
    virtual ~RulesView() = default;

    /// Last position of the order; what is accepted next goes behind it.
    [[nodiscard]] virtual Position end() const = 0;
    [[nodiscard]] virtual StreamState stream(std::uint32_t stream) const = 0;
    /// Adds, in any order, every event that the stream holds under an id given for it. New ids,
    /// which are nearly all, add nothing.
    virtual Knowledge find_known(std::uint32_t stream, std::vector<KnownEvent>& known) const = 0;
    /// A position after the query check's own whose event meets the query; 0 when there is none.
    virtual Knowledge find_match(std::uint32_t query_check, Position& match) const = 0;
    /// What the log has forgotten. find_known() and find_match() pass over it.
    [[nodiscard]] virtual model::Cut cut() const { return {}; }
    /// For the proposal's tracking.
    virtual Knowledge find_tracked(TrackedAppend& tracked) const = 0;
};

/// What becomes of a proposal.
struct Decision {
    enum class Kind : std::uint8_t { kAccepted, kReplay, kRefused, kUndecided };

    Kind kind = Kind::kUndecided;
    std::vector<log::Stamp> stamps;  ///< kAccepted: position and revision of each event
    /// kAccepted: event_count of each stream afterwards.
    std::vector<std::uint64_t> event_counts;
    Position replay_first;            ///< kReplay: the append that brought the same events
    std::uint32_t replay_events = 0;  ///< kReplay
    std::optional<Error> error;       ///< kRefused
    std::vector<KnownEvent> known;    ///< working memory
};

/// The commit rules (log-and-rules 2): one pure function, the same for every orderer. In this
/// order:
///
///  1. Replay. Where all the events are known in their streams with the same fingerprints, and are
///     exactly one earlier append, the answer is that append (the first one, if old rules let it in
///     twice). Some known and others new, other content under an id, or another grouping:
///     id_conflict. So is an id that is known in a stream whose exact expectation holds, whatever
///     the content: what was stored has moved the stream on, so this is no retry (docs/adr/0019).
///     Ids are not looked up where none can be known: made by the server, or stream without events.
///  2. Tracking: at the same position with the same fingerprint a replay, otherwise not above the
///     last one already_tracked.
///  3. A written stream, or the subject of a change, that was tombstoned: stream_deleted.
///  4. A query check whose token lies before the cut: token_too_old, since what came after the
///     token is not all known any more. Without a token it asks for all that the log still knows.
///  5. Checks: all are evaluated; conflict lists every one that failed. The soft delete of a stream
///     that was never written fails its checks on the stream, also `any` (kurrentdb 5.6); without
///     such a check it is listed behind the last one.
///  6. Accepted: dense positions and revisions.
///
/// `decision` is overwritten; reusing it keeps its memory. The proposal has events, no id twice in
/// one stream (find_repeated_id), and its tokens were checked.
void decide(const RulesView& view, const Proposal& proposal, Decision& decision);
Decision decide(const RulesView& view, const Proposal& proposal);

}  // namespace annals::commit
