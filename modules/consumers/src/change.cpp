// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "change.hpp"

#include <algorithm>
#include <utility>

#include "annals/base/clock.hpp"
#include "annals/model/append.hpp"

#include "progress.hpp"

namespace annals::consumers {
namespace {

/// How long a change waits for what was written before it to become visible.
constexpr std::int64_t kWaitNsMax = 10'000'000'000;

Current record_of(const std::optional<LastRecord>& last) {
    if (!last) return std::nullopt;
    return last->record;
}

std::optional<Revision> current_revision(const Error& conflict) {
    const auto* details = conflict.details<model::ConflictDetails>();
    if (details == nullptr || details->failed_checks.empty()) return std::nullopt;
    return details->failed_checks.front().current_revision;
}

}  // namespace

void Change::start(const ChangeTools& tools, Logs logs, ChangeRequest request) {
    const auto change = std::make_shared<Change>(
        Passkey{}, tools, std::move(logs), std::move(request)
    );
    switch (change->tools_.turns.enter(change->turn_, change)) {
        case ChangeTurns::Entered::kNow:
            return change->run();
        case ChangeTurns::Entered::kWait:
            return;
        case ChangeTurns::Entered::kFull:
            return change->request_.done(too_many());
    }
}

Change::Change(Passkey, const ChangeTools& tools, Logs logs, ChangeRequest request)
    : tools_(tools),
      logs_(std::move(logs)),
      request_(std::move(request)),
      stream_(stream_of(request_.consumer)),
      log_id_(logs_.system->log().identity().log_id),
      turn_(std::string(log_id_.view()).append(stream_)) {}

void Change::run() {
    std::optional<LastRecord> last = tools_.cache.find(log_id_, stream_);
    if (last && (!at_least_ || last->revision >= *at_least_)) {
        Decision decision = request_.decide(record_of(last));
        if (decision && *decision) return submit(std::move(**decision), last);
        // What leads to no append is decided by the log alone.
    }
    Result<std::optional<LastRecord>> read = read_log();
    if (!read) return finish(std::move(read).take_error());
    last = std::move(*read);
    Decision decision = request_.decide(record_of(last));
    if (!decision) return finish(std::move(decision).take_error());
    if (*decision) return submit(std::move(**decision), last);
    finish(progress_of(request_.consumer, *last, *logs_.events));
}

Result<std::optional<LastRecord>> Change::read_log() {
    const std::int64_t until_ns = std::min(
        request_.deadline_ns, system_clock().monotonic_ns() + kWaitNsMax
    );
    while (true) {
        const Position visible = logs_.system->visible_end().get();
        ANNALS_TRY(std::optional<LastRecord> last, read_last(*logs_.system, stream_));
        if (!at_least_ || (last && last->revision >= *at_least_)) return last;
        ANNALS_CHECK(logs_.system->visible_end().wait_for(visible.next(), until_ns));
    }
}

void Change::submit(Record next, const std::optional<LastRecord>& last) {
    ++tries_;
    const std::string data = encode_record(next);
    model::AppendRequest append;
    append.stream = stream_;
    append.checks.emplace_back(model::StreamCheck{
        stream_,
        last ? model::ExpectedRevision::exactly(last->revision)
             : model::ExpectedRevision::no_stream()
    });
    model::NewEvent& event = append.events.emplace_back();
    event.stream = stream_;
    event.type = type_of(next.kind);
    event.actor = request_.actor;
    event.data = data;
    const commit::SubmitContext submitter{
        request_.principal, request_.traceparent, request_.tracestate
    };
    logs_.system->submit(
        submitter,
        append,
        [self = shared_from_this(), next = std::move(next)](Result<model::AppendResult> answer
        ) mutable { self->on_answer(std::move(next), std::move(answer)); }
    );
}

void Change::on_answer(Record next, Result<model::AppendResult> answer) {
    if (!answer) {
        tools_.cache.drop(log_id_, stream_);
        if (answer.error().code() == ErrorCode::kConflict && tries_ < kTriesMax) {
            return try_again(answer.error());
        }
        return finish(std::move(answer).take_error());
    }
    const bool is_seen_now = next.kind == RecordKind::kSaved || next.kind == RecordKind::kClaimed;
    if (is_seen_now) next.last_seen_time = answer->recorded_time;
    const LastRecord last{std::move(next), answer->streams.front().last, answer->recorded_time};
    tools_.cache.put(log_id_, stream_, last);
    api::ConsumerProgress progress = progress_of(request_.consumer, last, *logs_.events);
    progress.is_durable = answer->is_durable;
    finish(std::move(progress));
}

void Change::try_again(const Error& conflict) {
    at_least_ = current_revision(conflict);
    const bool is_taken = tools_.pool.post([self = shared_from_this()] { self->run(); });
    if (!is_taken) finish(too_many());
}

Error Change::too_many() {
    return Error(
        ErrorCode::kOverloaded, "too many changes of consumers meet each other: send it again later"
    );
}

void Change::hand_on() {
    while (const std::shared_ptr<Change> next = tools_.turns.leave(turn_)) {
        if (tools_.pool.post([next] { next->run(); })) return;
        next->request_.done(too_many());
    }
}

void Change::finish(Result<api::ConsumerProgress> result) {
    hand_on();
    // Last: the caller may tear everything down once it has its answer.
    request_.done(std::move(result));
}

}  // namespace annals::consumers
