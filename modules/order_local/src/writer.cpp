// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "writer.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "annals/base/assert.hpp"
#include "annals/runtime/wake_scope.hpp"

namespace annals::order_local {
namespace {

using Kind = commit::Decision::Kind;

/// Recent events that stay in memory after they are visible, for queries with a token of then.
constexpr std::size_t kRecentEventsKept = 65'536;
/// In interval mode the log is synced earlier when so much waits for it.
constexpr std::size_t kUnsyncedBytesMax = 64u << 20u;
constexpr std::size_t kUnsyncedAppendsMax = 65'536;
/// Small appends are handed to the index together, others by themselves without a copy.
constexpr std::size_t kIndexBufferEvents = 32;
/// What was taken at once, when callers are so many that it is worth giving way to them.
constexpr std::size_t kManyAppends = 4;
/// How often an append may be prepared again before it is refused.
constexpr std::uint32_t kRoundsMax = 16;

std::int64_t machine_ns() { return system_clock().monotonic_ns(); }

Error unknown_outcome(const std::string& reason) {
    return Error(
        ErrorCode::kOutcomeUnknown,
        "the log failed while the append was made durable (" + reason +
            "): whether it is stored is known after the log was opened again; send it again then, "
            "with the same ids"
    );
}

Error read_only(const std::string& reason) {
    return Error(ErrorCode::kReadOnly, "the log takes no appends: " + reason);
}

}  // namespace

Writer::Writer(
    SharedState& state,
    const OrdererOptions& options,
    AppendQueue& queue,
    AppendPool& pool,
    WriterExits exits
)
    : state_(state),
      options_(options),
      queue_(queue),
      pool_(pool),
      exits_(std::move(exits)),
      recent_(state.log.last_position(), kRecentEventsKept),
      clock_(state.clock, state.log.last_time()),
      view_(recent_),
      last_sync_ns_(machine_ns()) {
    state_.recent_begin.store(recent_.begin().value);
    view_.set_cut(state_.cut());
    const log::LogInfo info = state.log.info();
    if (info.is_read_only) {
        is_poisoned_ = true;
        reason_ = info.read_only_reason;
    }
}

void Writer::start() {
    thread_ = runtime::Thread("writer", [this] { run(); });
}

void Writer::hurry() {
    is_hurried_.store(true);
    queue_.ring();
}

Status Writer::between_groups(const std::function<Status()>& work) {
    std::promise<Status> done;
    {
        const std::lock_guard lock(asked_mutex_);
        if (has_ended_) return Error(ErrorCode::kShuttingDown, "the log is being closed");
        asked_.push_back({&work, &done});
    }
    queue_.ring();
    return done.get_future().get();
}

void Writer::do_what_was_asked() {
    std::vector<Asked> asked;
    {
        const std::lock_guard lock(asked_mutex_);
        asked.swap(asked_);
        has_ended_ = is_finished_;
    }
    if (asked.empty()) return;
    if (!is_poisoned_ && !unsynced_.empty()) sync();
    for (const Asked& one : asked) {
        Status done = is_poisoned_ ? Status(read_only(reason_)) : (*one.work)();
        if (!done && !is_poisoned_ && state_.log.is_poisoned()) poison(done.error());
        one.done->set_value(std::move(done));
    }
}

std::string Writer::read_only_reason() const {
    const std::lock_guard lock(reason_mutex_);
    return reason_;
}

// ---- the loop ----

void Writer::run() {
    while (!is_finished_) {
        if (take_group()) commit_group();
        do_what_is_due();
        do_what_was_asked();
    }
}

/// Fills group_ from what was drained, waiting for more when there is nothing.
bool Writer::take_group() {
    if (next_ == drained_.size()) {
        // Who was answered just now is about to append again: one sync for more of them.
        if (drained_.size() >= kManyAppends) give_way_(2);
        drained_.clear();
        next_ = 0;
        if (queue_.drain(drained_) == runtime::Drained::kNothing) {
            const runtime::Drained drained = queue_.drain_waiting(drained_, wait_ns());
            is_finished_ = drained == runtime::Drained::kFinished;
        } else if (drained_.empty()) {
            is_finished_ = true;
        }
    }
    std::size_t bytes = 0;
    while (next_ < drained_.size()) {
        const std::size_t more = drained_[next_]->bytes();
        if (!group_.empty() && bytes + more > options_.group_bytes_max) break;
        bytes += more;
        group_.push_back(std::move(drained_[next_++]));
    }
    return !group_.empty();
}

/// Until the next thing to do without an append; negative: for ever.
std::int64_t Writer::wait_ns() const {
    if (is_poisoned_) return -1;
    std::int64_t due_ns = -1;
    if (!unsynced_.empty()) {
        due_ns = is_hurried_ ? last_sync_ns_ : last_sync_ns_ + options_.durability.interval_ns;
    } else if (is_mark_due_) {
        due_ns = last_sync_ns_ + options_.idle_mark_after_ns;
    }
    return due_ns < 0 ? -1 : std::max<std::int64_t>(due_ns - machine_ns(), 0);
}

void Writer::do_what_is_due() {
    if (is_poisoned_) return;
    const std::int64_t now_ns = machine_ns();
    if (!unsynced_.empty()) {
        const bool is_due = is_hurried_ ||
                            now_ns - last_sync_ns_ >= options_.durability.interval_ns ||
                            unsynced_bytes_ > kUnsyncedBytesMax ||
                            unsynced_.size() > kUnsyncedAppendsMax;
        if (is_due || is_finished_) sync();
    } else if (is_mark_due_ && now_ns - last_sync_ns_ >= options_.idle_mark_after_ns) {
        is_mark_due_ = false;
        const Status marked = state_.log.mark();
        if (!marked && state_.log.is_poisoned()) poison(marked.error());
    }
}

// ---- one group ----

void Writer::commit_group() {
    answers_ns_ = machine_ns();
    if (reserve_group()) {
        decide_group();
        if (state_.is_interval) {
            finish_group_in_interval();
        } else {
            finish_group();
        }
    }
    release_answered();
}

/// Room on disk before anything is decided; false when all were refused.
bool Writer::reserve_group() {
    std::size_t bytes = 0;
    std::size_t events = 0;
    for (const auto& append : group_) {
        bytes += append->bytes();
        events += append->encoded.event_count();
    }
    Status reserved = is_poisoned_ ? Status(read_only(reason_)) : state_.log.reserve(bytes, events);
    if (reserved) return true;
    if (!is_poisoned_ && (state_.log.is_poisoned() || state_.log.is_read_only())) {
        poison(reserved.error());
        reserved = read_only(reason_);
    }
    for (auto& append : group_) answer_error(std::move(append), reserved.error());
    group_.clear();
    return false;
}

void Writer::decide_group() {
    const TimeNs time = clock_.next();
    for (auto& append : group_) {
        decide_one(*append, time);
        if (append->outcome == Kind::kUndecided) send_back(std::move(append));
    }
    std::erase_if(group_, [](const auto& append) { return append == nullptr; });
    // Pairs with keep_hashes (disk_resolver.cpp): the last positions were stored, now the states of
    // the ids are looked at.
    std::atomic_thread_fence(std::memory_order_seq_cst);
    for (const auto& append : group_) {
        if (append->outcome == Kind::kAccepted) remember_ids(*append);
    }
}

void Writer::decide_one(PreparedAppend& append, TimeNs time) {
    append.decided_at = recent_.end();
    if (!prove_tokens(append)) return;
    view_.look_at(append);
    commit::decide(view_, append.proposal, decision_);
    append.outcome = decision_.kind;
    switch (decision_.kind) {
        case Kind::kAccepted:
            accept(append, time);
            break;
        case Kind::kReplay:
            append.replay_first = decision_.replay_first;
            append.replay_events = decision_.replay_events;
            break;
        case Kind::kRefused:
            append.error = std::move(decision_.error);
            break;
        case Kind::kUndecided:
            break;
    }
}

/// Interval mode: tokens of answers that are not durable are proven by the appends that wait here.
bool Writer::prove_tokens(PreparedAppend& append) {
    for (PreparedQuery& query : append.queries) {
        if (!query.unproven) continue;
        const Position position = query.unproven->position;
        const auto is_before = [](const auto& unsynced, Position wanted) {
            return unsynced->last_position() < wanted;
        };
        const auto place = std::lower_bound(
            unsynced_.begin(), unsynced_.end(), position, is_before
        );
        const bool is_found = place != unsynced_.end() && (*place)->last_position() == position;
        const Status proven = is_found && static_cast<std::uint32_t>((*place)->chain) ==
                                              query.unproven->chain_bits
                                  ? ok()
                                  : state_.log.check_token(*query.unproven);
        if (!proven) {
            append.outcome = Kind::kRefused;
            append.error = query.refused_token(proven.error(), *query.unproven);
            return false;
        }
    }
    return true;
}

void Writer::accept(PreparedAppend& append, TimeNs time) {
    const commit::Proposal& proposal = append.proposal;
    state_.log.add(append.encoded, decision_.stamps, time);
    append.chain = state_.log.last_chain().chain;
    ++figures_.appends;
    figures_.events += proposal.events.size();
    figures_.bytes += append.bytes();

    const std::uint32_t event_count = static_cast<std::uint32_t>(proposal.events.size());
    std::span<const commit::TermHash> tags = append.tag_hashes;
    for (std::uint32_t i = 0; i < event_count; ++i) {
        const commit::ProposedEvent& event = proposal.events[i];
        index::IndexedEvent& indexed = append.indexed[i];
        indexed.position = decision_.stamps[i].position;
        indexed.revision = decision_.stamps[i].revision;
        indexed.recorded_time = time;
        commit::StreamEntry& entry = *append.streams[event.stream].entry;
        const std::uint64_t before = entry.last_position.load(std::memory_order_relaxed);
        entry.last_position.store(indexed.position.value, std::memory_order_relaxed);
        recent_.push(
            {event.id, event.fingerprint, indexed.type.hash, Position(before), i, event_count},
            tags.first(indexed.tags.size())
        );
        tags = tags.subspan(indexed.tags.size());
    }
    for (std::size_t i = 0; i < append.result.streams.size(); ++i) {
        commit::StreamEntry& entry = *append.streams[i].entry;
        const commit::StreamState after = commit::after_events(
            entry.state(), proposal.streams[i].events
        );
        entry.set_state(after);
        append.result.streams[i].first = Revision(after.event_count - proposal.streams[i].events);
        append.result.streams[i].last = Revision(after.event_count - 1);
    }
    if (proposal.change) {
        commit::StreamEntry& subject = *append.streams[proposal.change->stream].entry;
        subject.set_state(commit::after_change(subject.state(), proposal.change->change));
    }
    if (proposal.cut) {
        const model::Cut cut = model::joined(view_.cut(), *proposal.cut);
        view_.set_cut(cut);
        recent_.drop(cut.position);
        const std::lock_guard lock(state_.cut_mutex);
        state_.newest_cut = cut;
    }
    if (append.tracking != nullptr) {
        append.tracking->tracked = {
            proposal.tracking->position,
            proposal.tracking->fingerprint,
            append.indexed.front().position,
            event_count
        };
    }
}

/// Keeps the id hashes of streams for which somebody asked.
void Writer::remember_ids(const PreparedAppend& append) {
    using IdsState = commit::StreamEntry::IdsState;
    const auto is_asked_for = [](const PreparedStream& stream) {
        const IdsState seen = stream.entry->ids_state.load();
        return seen == IdsState::kCollecting || seen == IdsState::kKept;
    };
    if (std::none_of(append.streams.begin(), append.streams.end(), is_asked_for)) return;
    for (const commit::ProposedEvent& event : append.proposal.events) {
        if (!is_asked_for(append.streams[event.stream])) continue;
        commit::StreamEntry& entry = *append.streams[event.stream].entry;
        const std::lock_guard lock(state_.streams.ids_mutex(entry));
        std::size_t before = entry.ids.bytes();
        entry.ids.insert(index::Index::id_hash(event.id));
        state_.streams.count_ids(entry, before);
        if (!state_.are_too_many(entry.ids.size())) continue;
        before = entry.ids.bytes();
        entry.ids = {};
        state_.streams.count_ids(entry, before);
        entry.ids_state.store(IdsState::kTooMany);
    }
}

void Writer::finish_group() {
    const bool has_events = recent_.end() > state_.visible_end.get();
    if (has_events) {
        if (const Status written = state_.log.write(); !written) {
            poison(written.error());
        } else if (sync()) {
            show(group_);
        }
    }
    answer_all(group_);
}

void Writer::finish_group_in_interval() {
    if (const Status written = state_.log.write(); !written) poison(written.error());
    const runtime::WakeScope together;
    answers_ns_ = machine_ns();
    for (auto& append : group_) {
        if (append->outcome == Kind::kAccepted && !is_poisoned_) {
            count_answer(*append);
            append->done(result_of(*append, false));
            count_left(*append);
            unsynced_bytes_ += append->bytes();
            unsynced_.push_back(std::move(append));
        } else if (append->outcome == Kind::kReplay) {
            waiting_.push_back(std::move(append));
        } else {
            answer(std::move(append));
        }
    }
    group_.clear();
    // Replays of durable appends need not wait.
    Appends still_waiting;
    for (auto& append : waiting_) {
        const Position last(append->replay_first.value + append->replay_events - 1);
        if (last <= state_.log.durable_end() || is_poisoned_) {
            answer(std::move(append));
        } else {
            still_waiting.push_back(std::move(append));
        }
    }
    waiting_ = std::move(still_waiting);
}

// ---- durable and visible ----

/// Makes durable what was written; in interval mode shows it too and answers who waited for it.
bool Writer::sync() {
    const std::int64_t began_ns = machine_ns();
    const Status synced = state_.log.sync();
    last_sync_ns_ = machine_ns();
    is_mark_due_ = true;
    if (synced) {
        state_.metrics.observe_sync(last_sync_ns_ - began_ns);
        state_.metrics.count_group(std::exchange(figures_, {}));
    } else {
        poison(synced.error());
    }
    if (!state_.is_interval) return !is_poisoned_;
    if (!is_poisoned_) show(unsynced_);
    release_unsynced();
    answer_all(waiting_);
    release_answered();
    return !is_poisoned_;
}

/// Index first, then readers, then (by the caller) answers: who has an answer reads what it wrote.
void Writer::show(const Appends& appends) {
    for (const auto& append : appends) {
        if (append->outcome == Kind::kAccepted) index_append(*append);
    }
    flush_index_buffer();
    const Position end = state_.log.durable_end();
    ANNALS_ASSERT(end == recent_.end(), "all that was accepted is durable after a sync");
    recent_.trim(end);
    state_.recent_begin.store(recent_.begin().value, std::memory_order_relaxed);
    state_.visible_end.publish(end);
}

void Writer::index_append(PreparedAppend& append) {
    if (append.indexed.size() >= kIndexBufferEvents) {
        flush_index_buffer();
        state_.index.add(append.indexed, append.chain);
        return;
    }
    index_buffer_.insert(index_buffer_.end(), append.indexed.begin(), append.indexed.end());
    index_buffer_chain_ = append.chain;
}

void Writer::flush_index_buffer() {
    if (index_buffer_.empty()) return;
    state_.index.add(index_buffer_, index_buffer_chain_);
    index_buffer_.clear();
}

void Writer::poison(const Error& error) {
    if (is_poisoned_) return;
    is_poisoned_ = true;
    release_unsynced();
    const std::lock_guard lock(reason_mutex_);
    reason_ = error.message();
}

void Writer::release_unsynced() {
    std::move(unsynced_.begin(), unsynced_.end(), std::back_inserter(answered_));
    unsynced_.clear();
    unsynced_bytes_ = 0;
}

// ---- answers ----

void Writer::count_answer(const PreparedAppend& append) const {
    state_.metrics.observe_duration(answers_ns_ - append.submitted_ns);
}

void Writer::answer_all(Appends& appends) {
    const runtime::WakeScope together;
    answers_ns_ = machine_ns();
    for (auto& append : appends) answer(std::move(append));
    appends.clear();
}

/// Only after the highest position that the decision rests on is durable (log-and-rules 1.4).
void Writer::answer(std::unique_ptr<PreparedAppend> append) {
    const Position durable = state_.log.durable_end();
    const bool may_rest_on_less = state_.is_interval && !is_poisoned_;
    switch (append->outcome) {
        case Kind::kAccepted:
            if (is_poisoned_ && append->last_position() > durable) break;
            count_answer(*append);
            append->done(result_of(*append, true));
            count_left(*append);
            answered_.push_back(std::move(append));
            return;
        case Kind::kReplay:
            if (append->replay_first.value + append->replay_events - 1 > durable.value) break;
            exits_.answer_replay(std::move(append));
            return;
        case Kind::kRefused: {
            if (append->decided_at > durable && !may_rest_on_less) break;
            Error error = std::move(*append->error);
            // Interval mode: what it was decided on may be lost yet.
            if (append->decided_at > durable) error = std::move(error).with("is_durable", "false");
            answer_error(std::move(append), std::move(error));
            return;
        }
        case Kind::kUndecided:
            break;
    }
    answer_error(std::move(append), unknown_outcome(reason_));
}

void Writer::answer_error(std::unique_ptr<PreparedAppend> append, Error error) {
    count_answer(*append);
    state_.metrics.count_refusal(error);
    append->done(std::move(error));
    count_left(*append);
    answered_.push_back(std::move(append));
}

void Writer::send_back(std::unique_ptr<PreparedAppend> append) {
    if (++append->rounds > kRoundsMax) {
        append->outcome = Kind::kRefused;
        append->decided_at = {};
        append->error.emplace(
            ErrorCode::kOverloaded,
            "the log moved on faster than the append's checks could be looked up: try again"
        );
        answer(std::move(append));
        return;
    }
    exits_.prepare_again(std::move(append));
}

model::AppendResult Writer::result_of(PreparedAppend& append, bool is_durable) const {
    model::AppendResult result = std::move(append.result);
    result.first_position = append.indexed.front().position;
    result.last_position = append.last_position();
    result.chain_bits = static_cast<std::uint32_t>(append.chain);
    result.recorded_time = append.indexed.front().recorded_time;
    result.is_durable = is_durable;
    return result;
}

void Writer::count_left(const PreparedAppend& append) {
    ++left_appends_;
    left_bytes_ += append.bytes();
}

void Writer::release_answered() {
    if (!answered_.empty()) pool_.give_back(answered_);
    if (left_appends_ == 0) return;
    exits_.left(std::exchange(left_appends_, 0), std::exchange(left_bytes_, 0));
}

}  // namespace annals::order_local
