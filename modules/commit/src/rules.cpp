// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/commit/rules.hpp"

#include <algorithm>
#include <functional>
#include <ranges>
#include <string>
#include <utility>

#include "annals/base/assert.hpp"
#include "annals/model/names.hpp"

namespace annals::commit {
namespace {

using Kind = Decision::Kind;

void refuse(Decision& decision, Error error) {
    decision.kind = Kind::kRefused;
    decision.error.emplace(std::move(error));
}

void replay(Decision& decision, Position first, std::uint32_t events) {
    decision.kind = Kind::kReplay;
    decision.replay_first = first;
    decision.replay_events = events;
}

bool has_fulfilled_exact(const Proposal& proposal, std::uint32_t stream, const StreamState& state) {
    return std::any_of(
        proposal.stream_checks.begin(),
        proposal.stream_checks.end(),
        [&](const ProposedStreamCheck& check) {
            return check.stream == stream && check.expected.kind == model::ExpectedKind::kExactly &&
                   is_as_expected(state, check.expected);
        }
    );
}

bool may_hold_ids(const RulesView& view, const Proposal& proposal, std::uint32_t stream) {
    if (proposal.streams[stream].given_ids == 0) return false;
    return view.stream(stream).event_count != 0;
}

/// Why the append cannot be taken, and what to do where it bears ids of the client's own.
struct IdRefusal {
    std::string_view why;
    std::string_view cure;
};

/// Whoever sent a key and no id is told of the key.
Error id_conflict(const Proposal& proposal, const KnownEvent& known, const IdRefusal& refusal) {
    const ProposedEvent& proposed = proposal.events[known.event];
    const std::string_view stream = proposal.streams[proposed.stream].name;
    const std::string id = proposed.id.to_string();
    const std::string position = std::to_string(known.position.value);
    std::string message = proposed.is_id_of_key ? "idempotency_key was used before: " : "";
    message += "stream \"" + model::shown(stream) + "\" holds event " + id;
    if (proposed.is_id_of_key) message += ", which the key made,";
    message += " at position " + position;
    message.append(refusal.why).append(": ");
    message += proposed.is_id_of_key ? "repeat what was sent first, or take a new key"
                                     : refusal.cure;
    Error error(ErrorCode::kIdConflict, std::move(message));
    if (proposed.is_id_of_key) error = std::move(error).with("field", "idempotency_key");
    return std::move(error).with("stream", stream).with("event_id", id).with("position", position);
}

/// By event, and of one event the latest first.
bool is_before(const KnownEvent& a, const KnownEvent& b) {
    return a.event != b.event ? a.event < b.event : a.position > b.position;
}

std::span<const KnownEvent> known_of(std::span<const KnownEvent> known, std::size_t event) {
    const auto [begin, end] = std::ranges::equal_range(
        known, static_cast<std::uint32_t>(event), std::less{}, &KnownEvent::event
    );
    return {begin, end};
}

/// Whether the events are, one for one, the append that begins at the position.
bool is_whole_append(
    const Proposal& proposal, std::span<const KnownEvent> known, Position append_first
) {
    for (std::size_t i = 0; i < proposal.events.size(); ++i) {
        const auto matches = known_of(known, i);
        const bool is_there = std::ranges::any_of(matches, [&](const KnownEvent& match) {
            return match.position == append_first.plus(i) && match.append_first == append_first &&
                   match.append_events == proposal.events.size() &&
                   match.fingerprint == proposal.events[i].fingerprint;
        });
        if (!is_there) return false;
    }
    return true;
}

/// Why the events that are known are no replay.
Error unlike_what_is_known(const Proposal& proposal, std::span<const KnownEvent> known) {
    std::size_t distinct = 0;
    for (std::size_t i = 0; i < proposal.events.size(); ++i) {
        const auto matches = known_of(known, i);
        if (matches.empty()) continue;
        ++distinct;
        const bool is_same = std::ranges::any_of(matches, [&](const KnownEvent& match) {
            return match.fingerprint == proposal.events[i].fingerprint;
        });
        if (is_same) continue;
        constexpr IdRefusal kOther{", with other content", "give new content a new id"};
        return id_conflict(proposal, matches.front(), kOther);
    }
    constexpr std::string_view kCure =
        "repeat the append that brought it as it was, or give its events new ids";
    constexpr IdRefusal kPart{
        ", but not all events of this append, which is stored whole or not at all", kCure
    };
    constexpr IdRefusal kUnlike{
        ", but it came in an append of other events or in another order", kCure
    };
    return id_conflict(
        proposal, known.front(), distinct < proposal.events.size() ? kPart : kUnlike
    );
}

/// Judges an append of which at least one event is known.
void judge_known(const RulesView& view, const Proposal& proposal, Decision& decision) {
    std::vector<KnownEvent>& known = decision.known;
    std::ranges::sort(known, is_before);
    for (const KnownEvent& event : known) {
        const std::uint32_t stream = proposal.events[event.event].stream;
        if (!has_fulfilled_exact(proposal, stream, view.stream(stream))) continue;
        constexpr IdRefusal kNoRetry{
            " already: a fulfilled expectation proves that this is no retry", "give it a new id"
        };
        return refuse(decision, id_conflict(proposal, event, kNoRetry));
    }
    // The earliest last, and it is the answer.
    for (const KnownEvent& first : known_of(known, 0) | std::views::reverse) {
        if (!is_whole_append(proposal, known, first.append_first)) continue;
        const auto events = static_cast<std::uint32_t>(proposal.events.size());
        return replay(decision, first.append_first, events);
    }
    refuse(decision, unlike_what_is_known(proposal, known));
}

/// True when the decision is made.
bool decide_replay(const RulesView& view, const Proposal& proposal, Decision& decision) {
    decision.known.clear();
    const auto stream_count = static_cast<std::uint32_t>(proposal.streams.size());
    for (std::uint32_t stream = 0; stream < stream_count; ++stream) {
        if (!may_hold_ids(view, proposal, stream)) continue;
        if (view.find_known(stream, decision.known) == Knowledge::kMissing) {
            decision.kind = Kind::kUndecided;
            return true;
        }
    }
    if (decision.known.empty()) return false;
    judge_known(view, proposal, decision);
    return true;
}

void refuse_tombstoned(Decision& decision, std::string_view stream) {
    refuse(
        decision,
        Error(
            ErrorCode::kStreamDeleted,
            "stream \"" + model::shown(stream) + "\" was tombstoned: use another name"
        )
            .with("stream", stream)
    );
}

bool decide_tombstone(const RulesView& view, const Proposal& proposal, Decision& decision) {
    for (std::uint32_t stream = 0; stream < proposal.streams.size(); ++stream) {
        const ProposedStream& proposed = proposal.streams[stream];
        if (proposed.events == 0 || !view.stream(stream).is_tombstoned) continue;
        refuse_tombstoned(decision, proposed.name);
        return true;
    }
    if (!proposal.change || !view.stream(proposal.change->stream).is_tombstoned) return false;
    refuse_tombstoned(decision, proposal.streams[proposal.change->stream].name);
    return true;
}

/// A soft delete needs a stream that has been written.
bool is_deleted_unwritten(
    const Proposal& proposal, std::uint32_t stream, const StreamState& state
) {
    return proposal.change && proposal.change->change == model::LifeChange::kDelete &&
           proposal.change->stream == stream && state.event_count == 0;
}

model::FailedCheck failed_stream_check(
    const Proposal& proposal, const ProposedStreamCheck& check, const StreamState& state
) {
    model::FailedCheck fail;
    fail.kind = model::FailedCheck::Kind::kStream;
    fail.check_index = check.check_index;
    fail.stream = proposal.streams[check.stream].name;
    fail.expected = check.expected;
    if (state.event_count != 0) fail.current_revision = Revision(state.event_count - 1);
    fail.is_deleted = state.is_deleted || state.is_tombstoned;
    return fail;
}

/// The delete of an unwritten stream that no check speaks of.
void fail_unchecked_delete(
    const RulesView& view, const Proposal& proposal, std::vector<model::FailedCheck>& failed
) {
    if (!proposal.change) return;
    const std::uint32_t stream = proposal.change->stream;
    const StreamState state = view.stream(stream);
    if (!is_deleted_unwritten(proposal, stream, state)) return;
    const bool is_checked = std::any_of(
        proposal.stream_checks.begin(),
        proposal.stream_checks.end(),
        [&](const ProposedStreamCheck& check) { return check.stream == stream; }
    );
    if (is_checked) return;
    const auto behind = static_cast<std::uint32_t>(
        proposal.stream_checks.size() + proposal.query_checks.size()
    );
    const ProposedStreamCheck check{behind, stream, model::ExpectedRevision::any()};
    failed.push_back(failed_stream_check(proposal, check, state));
}

bool decide_tracking(const RulesView& view, const Proposal& proposal, Decision& decision) {
    if (!proposal.tracking) return false;
    TrackedAppend last;
    if (view.find_tracked(last) == Knowledge::kMissing) {
        decision.kind = Kind::kUndecided;
        return true;
    }
    const ProposedTracking& proposed = *proposal.tracking;
    if (last.append_first.value == 0 || proposed.position > last.position) return false;
    if (proposed.position == last.position && proposed.fingerprint == last.fingerprint) {
        replay(decision, last.append_first, last.append_events);
        return true;
    }
    const std::string tracked = std::to_string(last.position);
    refuse(
        decision,
        Error(
            ErrorCode::kAlreadyTracked,
            "position " + std::to_string(proposed.position) + " is not above the tracked one, " +
                tracked + ": go on with the next"
        )
            .with("position", std::to_string(proposed.position))
            .with("tracked_position", tracked)
    );
    return true;
}

Error token_too_old(const ProposedQueryCheck& check, Position cut) {
    const std::string index = std::to_string(check.check_index);
    const std::string position = std::to_string(check.after.value);
    const std::string cut_text = std::to_string(cut.value);
    return Error(
               ErrorCode::kTokenTooOld,
               "checks[" + index + "].after: the log has forgotten removed events after position " +
                   position + ", up to " + cut_text +
                   ", so that nobody can tell whether one of them met the query: read it again, "
                   "and send the token of that read"
    )
        .with("field", "checks[" + index + "].after")
        .with("position", position)
        .with("cut", cut_text);
}

bool decide_tokens(const RulesView& view, const Proposal& proposal, Decision& decision) {
    const Position cut = view.cut().position;
    for (const ProposedQueryCheck& check : proposal.query_checks) {
        if (check.after.value == 0 || check.after >= cut) continue;
        refuse(decision, token_too_old(check, cut));
        return true;
    }
    return false;
}

bool decide_checks(const RulesView& view, const Proposal& proposal, Decision& decision) {
    std::vector<model::FailedCheck> failed;
    for (const ProposedStreamCheck& check : proposal.stream_checks) {
        const StreamState state = view.stream(check.stream);
        if (is_as_expected(state, check.expected) &&
            !is_deleted_unwritten(proposal, check.stream, state)) {
            continue;
        }
        failed.push_back(failed_stream_check(proposal, check, state));
    }
    fail_unchecked_delete(view, proposal, failed);
    for (std::uint32_t i = 0; i < proposal.query_checks.size(); ++i) {
        Position match;
        if (view.find_match(i, match) == Knowledge::kMissing) {
            decision.kind = Kind::kUndecided;
            return true;
        }
        if (match.value == 0) continue;
        model::FailedCheck& fail = failed.emplace_back();
        fail.kind = model::FailedCheck::Kind::kQuery;
        fail.check_index = proposal.query_checks[i].check_index;
        fail.matching_position = match;
    }
    if (failed.empty()) return false;
    std::sort(failed.begin(), failed.end(), [](const auto& a, const auto& b) {
        return a.check_index < b.check_index;
    });
    refuse(decision, model::make_conflict(std::move(failed)));
    return true;
}

void accept(const RulesView& view, const Proposal& proposal, Decision& decision) {
    decision.kind = Kind::kAccepted;
    const auto stream_count = static_cast<std::uint32_t>(proposal.streams.size());
    decision.event_counts.resize(stream_count);
    for (std::uint32_t stream = 0; stream < stream_count; ++stream) {
        decision.event_counts[stream] = view.stream(stream).event_count;
    }
    decision.stamps.resize(proposal.events.size());
    Position position = view.end();
    for (std::size_t i = 0; i < proposal.events.size(); ++i) {
        ++position;
        std::uint64_t& count = decision.event_counts[proposal.events[i].stream];
        decision.stamps[i] = {position, Revision(count)};
        ++count;
    }
}

}  // namespace

StreamState after_events(StreamState state, std::uint64_t events) {
    if (events == 0) return state;
    state.is_deleted = false;
    state.event_count += events;
    return state;
}

StreamState after_change(StreamState state, model::LifeChange change) {
    state.has_metadata = true;
    switch (change) {
        case model::LifeChange::kMetadata:
            state.is_deleted = false;
            break;
        case model::LifeChange::kDelete:
            state.is_deleted = true;
            state.truncate_before = Revision(state.event_count);
            break;
        case model::LifeChange::kTombstone:
            state.is_deleted = false;
            state.is_tombstoned = true;
            break;
    }
    return state;
}

StreamState after_proposal(const Proposal& proposal, std::uint32_t stream, StreamState state) {
    if (proposal.change && proposal.change->stream == stream) {
        return after_change(state, proposal.change->change);
    }
    return after_events(state, proposal.streams[stream].events);
}

bool is_as_expected(const StreamState& state, const model::ExpectedRevision& expected) {
    const bool is_gone = state.is_deleted || state.is_tombstoned;
    switch (expected.kind) {
        case model::ExpectedKind::kAny:
            return true;
        case model::ExpectedKind::kNoStream:
            return (state.event_count == 0 || state.is_deleted) && !state.is_tombstoned;
        case model::ExpectedKind::kExists:
            return (state.event_count != 0 || state.has_metadata) && !is_gone;
        case model::ExpectedKind::kDeleted:
            return is_gone;
        case model::ExpectedKind::kExactly:
            return state.event_count != 0 && !state.is_tombstoned &&
                   state.event_count - 1 == expected.revision.value;
    }
    return false;
}

void decide(const RulesView& view, const Proposal& proposal, Decision& decision) {
    ANNALS_ASSERT(!proposal.events.empty(), "an append has events; admission refuses others");
    decision.error.reset();
    if (decide_replay(view, proposal, decision) || decide_tracking(view, proposal, decision) ||
        decide_tombstone(view, proposal, decision) || decide_tokens(view, proposal, decision) ||
        decide_checks(view, proposal, decision)) {
        return;
    }
    accept(view, proposal, decision);
}

Decision decide(const RulesView& view, const Proposal& proposal) {
    Decision decision;
    decide(view, proposal, decision);
    return decision;
}

}  // namespace annals::commit
