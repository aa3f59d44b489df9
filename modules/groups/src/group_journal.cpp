// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// What a group writes down: definitions, parked events, checkpoints.
#include <future>
#include <utility>

#include "annals/model/append.hpp"
#include "annals/streams/tokens.hpp"

#include "group.hpp"
#include "member.hpp"

namespace annals::groups {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
/// Of one append to the system log.
constexpr std::size_t kWriteEventsMax = 1'000;
constexpr std::size_t kWriteBytesMax = 8u << 20u;

}  // namespace

void Group::collect_changes(const std::string& actor, const std::string& reason) {
    std::vector<Change> changes = engine_->take_changes();
    for (std::size_t i = 0; i < changes.size(); ++i) {
        Change& change = changes[i];
        const bool is_of_many = change.kind == ChangeKind::kRetried ||
                                change.kind == ChangeKind::kSkipped;
        while (is_of_many && i + 1 < changes.size() && changes[i + 1].kind == change.kind) {
            ++i;
            change.key.clear();
            change.positions.push_back(changes[i].positions.front());
        }
        const bool is_over = change.kind == ChangeKind::kSkipped ||
                             change.kind == ChangeKind::kPurged ||
                             change.kind == ChangeKind::kFinished;
        for (const Position at : change.positions) {
            const auto edit = is_over ? edits_.find(at) : edits_.end();
            if (edit == edits_.end()) continue;
            edit_bytes_ -= edit->second.bytes();
            edits_.erase(edit);
        }
        change.reason = reason;
        pending_.push_back(
            {PendingEvent::Stream::kParked,
             std::string(type_of(change.kind)),
             encode_change(change),
             actor}
        );
    }
}

void Group::add_definition(
    DefinitionKind kind, const std::string& actor, const std::string& reason
) {
    definition_.kind = kind;
    definition_.reason = reason;
    pending_.push_back(
        {PendingEvent::Stream::kDefinition,
         std::string(type_of(kind)),
         encode_definition(definition_),
         actor}
    );
}

/// One append at a time: the oldest of what is pending, and with the last of it the checkpoint.
void Group::write(Now moment) {
    if (is_writing_ || system_ == nullptr || moment.ns < retry_write_ns_) return;
    const bool is_due = moment.ns >= checkpoint_due_ns_ ||
                        (engine_ &&
                         engine_->finished_since() >= definition_.settings.checkpoint_events_max);
    const bool is_urgent = !pending_.empty() || (engine_ && engine_->has_urgent_changes());
    if (!is_due && !is_urgent) return;
    if (engine_) collect_changes({}, {});

    struct Streams {
        std::string definition, checkpoint, parked;
    };
    const Streams names{definition_stream(name_), checkpoint_stream(name_), parked_stream(name_)};
    model::AppendRequest request;
    std::size_t bytes = 0;
    std::uint64_t parked = 0;
    writing_ = 0;
    writing_definitions_ = 0;
    const auto add = [&](std::string_view stream, const PendingEvent& pending) {
        model::NewEvent& event = request.events.emplace_back();
        event.stream = stream;
        event.type = pending.type;
        event.data = pending.data;
        event.actor = pending.actor;
    };
    for (const PendingEvent& pending : pending_) {
        if (writing_ == kWriteEventsMax || bytes > kWriteBytesMax) break;
        bytes += pending.data.size();
        ++writing_;
        const bool is_definition = pending.stream == PendingEvent::Stream::kDefinition;
        is_definition ? ++writing_definitions_ : ++parked;
        add(is_definition ? names.definition : names.parked, pending);
    }
    // What is parked and the checkpoint that passes it are one append.
    writes_checkpoint_ = engine_ != nullptr && writing_ == pending_.size();
    PendingEvent last;
    if (writes_checkpoint_) {
        StoredCheckpoint& next = writing_checkpoint_;
        next.generation = definition_.generation;
        next.checkpoint = engine_->checkpoint();
        next.failure = engine_->last_failure();
        next.token = written_checkpoint_.checkpoint.low == next.checkpoint.low
                         ? written_checkpoint_.token
                         : std::string();
        next.parked_from = engine_->counts().backlog == 0 ? parked_next_.plus(parked)
                                                          : parked_from_;
        if (next.token.empty()) {
            auto token = streams::Tokens(*events_).at(next.checkpoint.low);
            if (!token) {
                last_error_ = token.error().to_string();
                last_error_time_ = moment.time;
                retry_write_ns_ = moment.ns + kSecond;
                return;
            }
            next.token = std::move(*token);
        }
        (void)engine_->take_finished_count();
        engine_->changes_written();
        writes_checkpoint_ = next != written_checkpoint_;
        checkpoint_due_ns_ = moment.ns +
                             std::int64_t{definition_.settings.checkpoint_interval_ms} * kNsPerMs;
    }
    if (writes_checkpoint_) {
        last.type = kCheckpointType;
        last.data = encode_checkpoint(writing_checkpoint_);
        add(names.checkpoint, last);
    }
    if (request.events.empty()) return;
    request.checks.emplace_back(
        model::StreamCheck{names.definition, model::ExpectedRevision::exactly(definition_revision_)}
    );
    is_writing_ = true;
    parked_next_ = parked_next_.plus(parked);
    system_->submit({}, request, [self = shared_from_this()](Result<model::AppendResult> answer) {
        const auto shared = std::make_shared<Result<model::AppendResult>>(std::move(answer));
        const bool is_taken = self->tools_.pool->post([self, shared] { self->on_written(*shared); }
        );
        if (!is_taken) self->on_written(*shared);
    });
}

void Group::on_written(const Result<model::AppendResult>& answer) {
    Woken woken;
    std::vector<std::pair<std::function<void(Status)>, Status>> answered;
    {
        const Lock lock(mutex_);
        is_writing_ = false;
        const Now moment = now();
        if (answer) {
            pending_.erase(
                pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(writing_)
            );
            pending_first_ += writing_;
            definition_revision_ = definition_revision_.plus(writing_definitions_);
            if (writing_definitions_ > 0) changed_time_ = answer->recorded_time;
            if (writes_checkpoint_) {
                written_checkpoint_ = writing_checkpoint_;
                parked_from_ = writing_checkpoint_.parked_from;
            }
            for (Waiter& waiter : waiters_) {
                if (waiter.until <= pending_first_) answered.emplace_back(waiter.done, ok());
            }
            std::erase_if(waiters_, [&](const Waiter& w) { return w.until <= pending_first_; });
        } else {
            const ErrorCode code = answer.error().code();
            last_error_ = answer.error().to_string();
            last_error_time_ = moment.time;
            for (Waiter& waiter : waiters_) answered.emplace_back(waiter.done, answer.error());
            waiters_.clear();
            const bool is_retried = code == ErrorCode::kOverloaded ||
                                    code == ErrorCode::kDiskFull || code == ErrorCode::kReadOnly;
            std::uint64_t parked = 0;
            for (std::size_t i = 0; i < writing_; ++i) {
                if (pending_[i].stream == PendingEvent::Stream::kParked) ++parked;
            }
            parked_next_ = Revision(parked_next_.value - parked);
            retry_write_ns_ = moment.ns + kSecond;
            checkpoint_due_ns_ = retry_write_ns_;
            if (!is_retried && !is_closed_) fail(answer.error());
        }
        writing_ = 0;
        if (engine_ != nullptr) {
            woken = service(moment);
        } else if (!pending_.empty() && !is_closed_) {
            write(moment);  // how it begins anew, or that it was deleted
        }
        written_.notify_all();
    }
    for (auto& [done, status] : answered) done(std::move(status));
    wake(woken);
}

Status Group::write_and_wait(Lock& lock) {
    using Answer = std::promise<Status>;
    const auto promise = std::make_shared<Answer>();  // joins the writer's thread with this one
    std::future<Status> answer = promise->get_future();
    waiters_.push_back({pending_first_ + pending_.size(), [promise](Status status) {
                            promise->set_value(std::move(status));
                        }});
    retry_write_ns_ = 0;
    const Now moment = now();
    Woken woken;
    if (engine_) {
        woken = service(moment);
    } else {
        write(moment);
    }
    lock.unlock();
    wake(woken);
    Status status = answer.get();
    lock.lock();
    return status;
}

}  // namespace annals::groups
