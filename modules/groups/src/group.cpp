// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "group.hpp"

#include <algorithm>
#include <future>
#include <utility>

#include "annals/codec/wire.hpp"
#include "annals/model/append.hpp"
#include "annals/model/names.hpp"
#include "annals/model/refusals.hpp"
#include "annals/streams/tokens.hpp"
#include "annals/telemetry/logging.hpp"

#include "member.hpp"
#include "start_position.hpp"

namespace annals::groups {
namespace {

constexpr std::int64_t kMs = 1'000'000;
constexpr std::int64_t kSecond = 1'000'000'000;
/// Keys that are ready and with nobody: beyond them nothing is read ahead.
constexpr std::uint64_t kReadyKeysMax = 2'048;
constexpr std::uint32_t kFrameEvents = 256;
constexpr int kFramesAtOnce = 8;
/// Events and bytes of one append to the system log.
constexpr std::size_t kWriteEventsMax = 1'000;
constexpr std::size_t kWriteBytesMax = 8u << 20u;
constexpr std::size_t kTakeEventsMax = 512;
constexpr std::size_t kTakeBytesMax = 512u << 10u;
constexpr std::size_t kQueuedShownMax = 1'000;
constexpr std::size_t kBehindCountedMax = 10'000;
constexpr std::size_t kSamplesMax = 30;

double seconds_between(TimeNs from, TimeNs to) {
    return to > from ? static_cast<double>(to.value - from.value) / 1e9 : 0;
}

}  // namespace

std::shared_ptr<Group> Group::make(
    const GroupTools& tools, std::string name_space, std::string name
) {
    return std::make_shared<Group>(Passkey{}, tools, std::move(name_space), std::move(name));
}

Group::Group(Passkey, const GroupTools& tools, std::string name_space, std::string name)
    : tools_(tools), name_space_(std::move(name_space)), name_(std::move(name)) {}

Group::~Group() = default;

Error Group::gone() const {
    return Error(
               ErrorCode::kGroupNotFound,
               "there is no consumer group \"" + model::shown(name_) +
                   "\" in this namespace: annals group list shows what is there"
    )
        .with("group", model::shown(name_));
}

Error Group::failed() const {
    return Error(
               ErrorCode::kGroupState,
               "consumer group \"" + model::shown(name_) + "\" is failed (" + last_error_ +
                   "): it begins again by itself once its log can be read; where its position is "
                   "not of this log's history, reset or rewind it"
    )
        .with("group", model::shown(name_))
        .with("state", "failed")
        .with("reason", last_error_);
}

Status Group::check_running() const {
    if (is_gone_) return gone();
    if (is_closed_) return Error(ErrorCode::kShuttingDown, "the server is stopping");
    if (is_failed_ || engine_ == nullptr) return failed();
    return ok();
}

// ---- beginning and end ----

Status Group::open() {
    const std::lock_guard admin(admin_);
    return reopen();
}

/// With admin_.
Status Group::reopen() {
    std::unique_ptr<api::Subscription> old;
    Lock lock(mutex_);
    if (is_closed_) return Error(ErrorCode::kShuttingDown, "the server is stopping");
    end_members();
    old = std::move(subscription_);
    ++opened_;
    written_.wait(lock, [&] { return !is_writing_; });
    lock.unlock();
    old.reset();  // waits for its waker, which takes the lock
    auto events = tools_.namespaces.events_log(name_space_);
    auto system = tools_.namespaces.system_log(name_space_);
    if (!events || !system) {
        Error error = events ? system.error() : events.error();
        lock.lock();
        if (error.code() == ErrorCode::kNamespaceNotFound) is_gone_ = true;
        fail(error);
        return error;
    }
    auto stored = read_group(**system, **events, name_);
    lock.lock();
    events_ = std::move(*events);
    system_ = std::move(*system);
    if (!stored) {
        fail(stored.error());
        return std::move(stored).take_error();
    }
    if (!*stored) {
        is_gone_ = true;
        return gone();
    }
    install(std::move(**stored));
    if (is_failed_) return ok();
    Status subscribed = subscribe(lock);
    if (!subscribed) {
        fail(subscribed.error());
        return subscribed;
    }
    lock.unlock();
    post_run();
    return ok();
}

void Group::install(StoredGroup stored) {
    const Now moment = now();
    definition_ = std::move(stored.definition);
    definition_revision_ = stored.definition_revision;
    changed_time_ = stored.changed_time;
    edits_ = std::move(stored.edits);
    edit_bytes_ = 0;
    for (const auto& [at, edit] : edits_) edit_bytes_ += edit.bytes();
    parked_from_ = stored.parked_from;
    parked_next_ = stored.parked_next;
    pending_.clear();
    pending_first_ = 0;
    waiters_.clear();
    retry_write_ns_ = 0;
    last_revision_.reset();
    samples_.clear();
    progress_ns_ = moment.ns;
    progress_handled_ = 0;
    key_of_ = std::make_unique<KeyOf>(definition_.settings.key);
    // Microseconds of the clock: above what any run before has given out.
    engine_ = std::make_unique<Engine>(
        definition_.settings,
        stored.state,
        static_cast<std::uint64_t>(std::max<std::int64_t>(moment.time.value, 0)) / 1'000
    );
    engine_->set_paused(definition_.is_paused);
    written_checkpoint_ = {};
    checkpoint_due_ns_ = moment.ns;
    is_failed_ = false;
    if (stored.problem) return fail(*stored.problem);
    logged_error_.clear();
}

Status Group::subscribe(Lock& lock) {
    api::CallContext context;
    context.name_space = name_space_;
    context.is_server = true;
    api::SubscribeRequest request;
    request.stream = definition_.settings.stream;
    request.filter = definition_.settings.filter;
    request.batch_events_max = kFrameEvents;
    const Position low = engine_->checkpoint().low;
    if (low.value > 0) request.start = api::FromPosition{low.next()};
    const std::uint64_t number = opened_;
    lock.unlock();
    auto subscription = tools_.namespaces.subscribe(context, request);
    if (subscription) {
        (*subscription)->set_waker([weak = weak_from_this(), number] {
            const auto group = weak.lock();
            if (group == nullptr) return;
            {
                const std::lock_guard inner(group->mutex_);
                if (group->opened_ != number) return;
            }
            group->on_events();
        });
    }
    lock.lock();
    if (!subscription) return std::move(subscription).take_error();
    subscription_ = std::move(*subscription);
    is_armed_ = false;
    return ok();
}

void Group::end_members() {
    for (const auto& [id, member] : members_) {
        if (const auto one = member.lock()) one->arm();
    }
    // They hear of it when they ask next; whoever waits is woken.
    for (const auto& [id, member] : members_) {
        const auto one = member.lock();
        if (one == nullptr) continue;
        (void)tools_.pool->post([one] { one->wake(); });
    }
    members_.clear();
    engine_.reset();
}

/// With the lock: nothing is given out until it begins again from the log.
void Group::fail(Error error) {
    last_error_ = error.to_string();
    last_error_time_ = tools_.clock.now();
    is_failed_ = true;
    reopen_ns_ = tools_.clock.monotonic_ns() + kSecond;
    due_ns_ = reopen_ns_;
    end_members();
    for (Waiter& waiter : waiters_) waiter.done(error);
    waiters_.clear();
    pending_.clear();
    if (logged_error_ == last_error_ || error.code() == ErrorCode::kShuttingDown) return;
    logged_error_ = last_error_;
    telemetry::log_error(
        "consumer group failed",
        {{"namespace", name_space_}, {"group", name_}, {"error", last_error_}}
    );
}

void Group::close() {
    std::unique_ptr<api::Subscription> old;
    const std::lock_guard admin(admin_);
    Lock lock(mutex_);
    if (is_closed_) return;
    old = std::move(subscription_);
    ++opened_;
    written_.wait(lock, [&] { return !is_writing_; });
    if (engine_ != nullptr && !is_failed_) {
        checkpoint_due_ns_ = 0;
        retry_write_ns_ = 0;
        write(now());
        written_.wait(lock, [&] { return !is_writing_; });
    }
    is_closed_ = true;
    const Error stopping(ErrorCode::kShuttingDown, "the server is stopping");
    for (Waiter& waiter : waiters_) waiter.done(stopping);
    waiters_.clear();
    end_members();
    lock.unlock();
    old.reset();
    lock.lock();
    events_.reset();
    system_.reset();
}

// ---- reading ----

bool Group::wants_events() const {
    if (engine_ == nullptr || subscription_ == nullptr || is_armed_) return false;
    return engine_->has_room() && engine_->counts().ready_keys < kReadyKeysMax;
}

void Group::on_events() {
    Woken woken;
    bool has_more = false;
    {
        const Lock lock(mutex_);
        is_armed_ = false;
        if (engine_ == nullptr || is_closed_) return;
        has_more = pump(2);
        const Now moment = now();
        if (engine_ != nullptr) {
            engine_->tick(moment);
            woken = service(moment);
        }
    }
    wake(woken);
    if (has_more) post_run();
}

void Group::post_run() {
    if (!begin_run()) return;
    if (!tools_.pool->post([self = shared_from_this()] { self->run(); })) cancel_run();
}

bool Group::pump(int frames) {
    for (; frames > 0 && wants_events(); --frames) {
        api::SubscriptionFrame frame;
        const Result<bool> has_frame = subscription_->try_next(frame);
        if (!has_frame) {
            fail(has_frame.error());
            return false;
        }
        if (!*has_frame) {
            is_armed_ = true;
            return false;
        }
        offer_frame(frame);
    }
    return wants_events();
}

void Group::offer_frame(const api::SubscriptionFrame& frame) {
    std::string_view bytes = frame.events.bytes();
    codec::FieldReader reader(bytes);
    while (reader.next()) {
        if (reader.field() != model::EventBatch::kEventsField) continue;
        const std::string_view message = reader.bytes();
        model::RecordedEvent event;
        if (Status decoded = model::decode_event_fields(message, event); !decoded) {
            fail(decoded.error());
            return;
        }
        last_revision_ = event.revision;
        engine_->offer({event.position, (*key_of_)(event), event.recorded_time, message});
    }
    if (frame.position.empty()) return;
    const auto position = streams::Tokens(*events_).check(frame.position, "position");
    if (position) engine_->read_up_to(*position);
}

void Group::run() {
    cancel_run();
    Woken woken;
    bool has_more = false;
    bool must_reopen = false;
    {
        const Lock lock(mutex_);
        if (is_closed_ || is_gone_) return;
        const Now moment = now();
        must_reopen = is_failed_ && !is_writing_ && moment.ns >= reopen_ns_;
        if (engine_ != nullptr) {
            engine_->tick(moment);
            has_more = pump(kFramesAtOnce);
        }
        if (engine_ != nullptr) {
            engine_->tick(moment);
            sample_rate(moment);
            watch(moment);
            woken = service(moment);
        }
    }
    wake(woken);
    if (must_reopen && admin_.try_lock()) {
        const std::lock_guard admin(admin_, std::adopt_lock);
        (void)reopen();
    }
    if (has_more) post_run();
}

// ---- what is due ----

Group::Woken Group::service(Now moment) {
    Woken woken;
    for (const MemberId id : engine_->take_woken()) {
        const auto found = members_.find(id);
        if (found == members_.end()) continue;
        if (auto member = found->second.lock()) woken.push_back(std::move(member));
    }
    write(moment);
    set_due(moment);
    return woken;
}

void Group::wake(const Woken& woken) {
    for (const auto& member : woken) member->wake();
}

void Group::set_due(Now moment) {
    std::int64_t due = moment.ns + kSecond;
    if (const auto next = engine_->next_due_ns()) due = std::min(due, *next);
    if (!is_writing_ && engine_->finished_since() > 0) {
        due = std::min(due, std::max(checkpoint_due_ns_, retry_write_ns_));
    }
    const std::int64_t before = due_ns_.exchange(due);
    // A run that is due later comes by itself.
    if (due < before || before <= moment.ns) tools_.look_again();
}

void Group::sample_rate(Now moment) {
    if (!samples_.empty() && moment.ns - samples_.back().first < kSecond) return;
    samples_.emplace_back(moment.ns, engine_->counts().handled);
    if (samples_.size() > kSamplesMax) samples_.pop_front();
}

/// Says it once when work lies there and nothing goes on.
void Group::watch(Now moment) {
    const EngineCounts counts = engine_->counts();
    const bool has_work = engine_->oldest_unfinished().has_value() || engine_->is_backlog_full();
    if (!has_work || counts.handled != progress_handled_) {
        progress_ns_ = moment.ns;
        progress_handled_ = counts.handled;
        has_warned_ = false;
        return;
    }
    const std::int64_t limit_ns = std::int64_t{definition_.settings.stalled_after_ms} * kMs;
    if (has_warned_ || moment.ns - progress_ns_ < limit_ns) return;
    has_warned_ = true;
    telemetry::log_warning(
        "consumer group is stalled",
        {{"namespace", name_space_},
         {"group", name_},
         {"waits_for", waits_for()},
         {"last_error", last_error_}}
    );
}

std::string Group::waits_for() const {
    if (is_failed_ || engine_ == nullptr) return "storage";
    const EngineCounts counts = engine_->counts();
    const bool has_work = engine_->oldest_unfinished().has_value() || counts.backlog > 0;
    if (!has_work) return "";
    if (engine_->is_paused()) return "resume";
    if (engine_->is_backlog_full()) return "parked";
    if (!engine_->oldest_unfinished()) return "";
    if (engine_->member_count() == 0) return "members";
    if (engine_->is_window_full() && counts.ready_keys == 0) return "window";
    if (counts.ready_keys == 0 && counts.in_flight == 0 && counts.resting > 0) return "retries";
    if (counts.in_flight > 0) return "acknowledgements";
    return "";
}

// ---- writing down ----

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
                             std::int64_t{definition_.settings.checkpoint_interval_ms} * kMs;
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

// ---- administration ----

Result<api::GroupStatus> Group::update(const api::UpdateGroupRequest& request) {
    const std::lock_guard admin(admin_);
    const api::GroupSettings next = api::with_group_defaults(request.settings);
    bool begins_anew = false;
    {
        Lock lock(mutex_);
        ANNALS_CHECK(check_running());
        const api::GroupSettings& old = definition_.settings;
        begins_anew = old.stream != next.stream || old.filter != next.filter ||
                      old.strategy != next.strategy || old.key != next.key;
        if (!api::differing_group_settings(old, next).empty()) {
            definition_.settings = next;
            engine_->set_numbers(next);
            collect_changes({}, {});
            add_definition(DefinitionKind::kUpdated, request.actor, request.reason);
            ANNALS_CHECK(write_and_wait(lock));
        }
    }
    if (begins_anew) ANNALS_CHECK(reopen());
    return status(true);
}

Result<api::GroupStatus> Group::control(const api::ControlGroupRequest& request) {
    const std::lock_guard admin(admin_);
    Position from;
    const bool is_reset = request.command == api::GroupCommand::kReset;
    if (is_reset || request.command == api::GroupCommand::kRewind) {
        api::SubscribeStart start = request.to;
        {
            const Lock lock(mutex_);
            if (is_gone_) return gone();
            if (events_ == nullptr) return failed();
            if (is_reset) start = definition_.settings.start;
        }
        ANNALS_TRY(from, start_position(tools_.namespaces, *events_, name_space_, start));
    }
    Lock lock(mutex_);
    if (is_gone_) return gone();
    // These lead out of a failure.
    const bool is_new_start = is_reset || request.command == api::GroupCommand::kRewind ||
                              request.command == api::GroupCommand::kDelete;
    if (!is_new_start || system_ == nullptr) ANNALS_CHECK(check_running());
    if (engine_) collect_changes({}, {});
    api::GroupStatus before;
    switch (request.command) {
        case api::GroupCommand::kPause:
        case api::GroupCommand::kResume: {
            const bool is_pause = request.command == api::GroupCommand::kPause;
            if (definition_.is_paused != is_pause) {
                definition_.is_paused = is_pause;
                engine_->set_paused(is_pause);
                add_definition(
                    is_pause ? DefinitionKind::kPaused : DefinitionKind::kResumed,
                    request.actor,
                    request.reason
                );
                engine_->tick(now());
                ANNALS_CHECK(write_and_wait(lock));
            }
            lock.unlock();
            return status(true);
        }
        case api::GroupCommand::kReset:
        case api::GroupCommand::kRewind:
        case api::GroupCommand::kDelete:
            break;
    }
    if (request.command == api::GroupCommand::kDelete) {
        lock.unlock();
        before = status(false);
        lock.lock();
    }
    // Acknowledgements from here on would count for the old beginning.
    end_members();
    ++definition_.generation;
    definition_.from = from;
    if (request.command != api::GroupCommand::kRewind) {
        std::uint64_t parked = 0;
        for (const PendingEvent& one : pending_) {
            if (one.stream == PendingEvent::Stream::kParked) ++parked;
        }
        definition_.parked_from = parked_next_.plus(parked);
    }
    const DefinitionKind kind = is_reset ? DefinitionKind::kReset
                                : request.command == api::GroupCommand::kRewind
                                    ? DefinitionKind::kRewound
                                    : DefinitionKind::kDeleted;
    add_definition(kind, request.actor, request.reason);
    Status written = write_and_wait(lock);
    if (!written) {
        // What the log says counts.
        lock.unlock();
        (void)reopen();
        return std::move(written).take_error();
    }
    if (kind == DefinitionKind::kDeleted) {
        is_gone_ = true;
        std::unique_ptr<api::Subscription> old = std::move(subscription_);
        ++opened_;
        lock.unlock();
        return before;
    }
    lock.unlock();
    ANNALS_CHECK(reopen());
    return status(true);
}

// ---- parked events ----

namespace {

Error no_such_parked_event(const std::string& group, Position at) {
    return Error(
               ErrorCode::kParkedEventNotFound,
               "no event at position " + std::to_string(at.value) + " is parked in group \"" +
                   model::shown(group) +
                   "\": it was retried or skipped, waits behind another one, or was never parked"
    )
        .with("group", model::shown(group))
        .with("position", std::to_string(at.value));
}

}  // namespace

Result<api::ParkedList> Group::list_parked(const api::ListParkedRequest& request) {
    const Lock lock(mutex_);
    ANNALS_CHECK(check_running());
    api::ParkedList list;
    list.parked = engine_->parked(request.after, std::size_t{request.limit} + 1);
    if (list.parked.size() > request.limit) {
        list.parked.pop_back();
        list.has_more = true;
    }
    return list;
}

Result<api::ParkedDetails> Group::get_parked(Position at) {
    api::ParkedDetails details;
    std::optional<Edit> edit;
    std::shared_ptr<commit::Orderer> events;
    {
        const Lock lock(mutex_);
        ANNALS_CHECK(check_running());
        const api::ParkedEvent* const parked = engine_->find_parked(at);
        if (parked == nullptr) return no_such_parked_event(name_, at);
        details.parked = *parked;
        details.queued = engine_->queued_behind(at, kQueuedShownMax);
        if (const auto found = edits_.find(at); found != edits_.end()) edit = found->second;
        events = events_;
    }
    log::LogReader reader = events->log().reader();
    ANNALS_CHECK(add_message(reader, at, edit ? &*edit : nullptr, details.event));
    return details;
}

Result<std::uint64_t> Group::change_parked(const api::ChangeParkedRequest& request) {
    const std::lock_guard admin(admin_);
    Lock lock(mutex_);
    ANNALS_CHECK(check_running());
    std::vector<Position> positions = request.positions;
    if (request.all) {
        const std::size_t limit = request.limit == 0 ? definition_.settings.parked_events_max * 2
                                                     : request.limit;
        for (const api::ParkedEvent& parked : engine_->parked(Position(0), limit)) {
            positions.push_back(parked.at);
        }
    }
    std::ranges::sort(positions);
    positions.erase(std::ranges::unique(positions).begin(), positions.end());
    for (const Position at : positions) {
        if (engine_->find_parked(at) == nullptr) return no_such_parked_event(name_, at);
    }
    if (positions.empty()) return std::uint64_t{0};
    collect_changes({}, {});
    const Now moment = now();
    const bool was_paused = engine_->is_paused();
    engine_->set_paused(true);  // given out at the end, together
    for (const Position at : positions) {
        switch (request.action) {
            case api::ParkedAction::kRetry:
                engine_->retry_parked(at, moment);
                break;
            case api::ParkedAction::kSkip:
                engine_->skip_parked(at, moment);
                break;
            case api::ParkedAction::kPurge:
                engine_->purge_parked(at, moment);
                break;
        }
    }
    collect_changes(request.actor, request.reason);
    engine_->set_paused(was_paused);
    engine_->tick(moment);
    ANNALS_CHECK(write_and_wait(lock));
    return std::uint64_t{positions.size()};
}

Status Group::edit_parked(const api::EditParkedRequest& request) {
    const std::lock_guard admin(admin_);
    Lock lock(mutex_);
    ANNALS_CHECK(check_running());
    const api::ParkedEvent* const parked = engine_->find_parked(request.at);
    if (parked == nullptr) return no_such_parked_event(name_, request.at);
    Edit edit;
    edit.data = request.data;
    edit.content_type = request.content_type;
    edit.has_metadata = request.metadata.has_value();
    edit.metadata = request.metadata.value_or("");
    const auto old = edits_.find(request.at);
    const std::size_t others = edit_bytes_ - (old == edits_.end() ? 0 : old->second.bytes());
    if (others + edit.bytes() > api::kGroupEditsBytesMax) {
        return model::too_large(
            "data of all edited events", others + edit.bytes(), api::kGroupEditsBytesMax, "bytes"
        );
    }
    Change change;
    change.kind = ChangeKind::kEdited;
    change.key = parked->key;
    change.positions = {request.at};
    change.data = edit.data;
    change.content_type = edit.content_type;
    change.metadata = edit.metadata;
    change.has_metadata = edit.has_metadata;
    change.reason = request.reason;
    collect_changes({}, {});
    edit_bytes_ = others + edit.bytes();
    edits_[request.at] = std::move(edit);
    engine_->mark_edited(request.at);
    pending_.push_back(
        {PendingEvent::Stream::kParked,
         std::string(type_of(change.kind)),
         encode_change(change),
         request.actor}
    );
    return write_and_wait(lock);
}

// ---- members ----

Result<std::unique_ptr<api::GroupMembership>> Group::join(const api::JoinGroupRequest& request) {
    const std::lock_guard admin(admin_);
    Woken woken;
    std::shared_ptr<Member> member;
    {
        const Lock lock(mutex_);
        ANNALS_CHECK(check_running());
        const Now moment = now();
        ANNALS_TRY(
            const MemberId id,
            engine_->join({request.member, request.in_flight_max, request.is_polling}, moment)
        );
        member = std::make_shared<Member>(id, request.is_polling);
        members_[id] = member;
        woken = service(moment);
    }
    wake(woken);
    post_run();
    return std::unique_ptr<api::GroupMembership>(
        std::make_unique<Membership>(shared_from_this(), std::move(member))
    );
}

Status Group::add_message(
    log::LogReader& reader, Position at, const Edit* edit, model::EventBatch& batch
) const {
    ANNALS_TRY(const log::StoredEvent stored, reader.at(at));
    if (stored.is_removed) {
        return Error(ErrorCode::kEventNotFound, "the event was removed since it was read")
            .with("position", std::to_string(at.value));
    }
    if (edit == nullptr) {
        batch.add(
            stored.envelope, stored.payload, stored.position, stored.revision, stored.recorded_time
        );
        return ok();
    }
    model::RecordedEvent event;
    ANNALS_CHECK(model::decode_event_fields(stored.envelope, event));
    ANNALS_CHECK(model::decode_event_fields(stored.payload, event));
    event.data = edit->data;
    if (!edit->content_type.empty()) event.content_type = edit->content_type;
    if (edit->has_metadata) event.metadata = edit->metadata;
    std::string envelope;
    std::string payload;
    model::encode_envelope(envelope, event, event.id);
    model::encode_payload(payload, event);
    batch.add(envelope, payload, stored.position, stored.revision, stored.recorded_time);
    return ok();
}

Result<bool> Group::take(
    Member& member, api::GroupDeliveries& deliveries, std::uint32_t events_max
) {
    deliveries = {};
    while (true) {
        std::vector<Delivery> taken;
        std::map<Position, Edit> edits;
        std::shared_ptr<commit::Orderer> events;
        Woken woken;
        bool wants_more = false;
        {
            const Lock lock(mutex_);
            if (is_closed_) return Error(ErrorCode::kShuttingDown, "the server is stopping");
            if (engine_ == nullptr) {
                return Error(
                           ErrorCode::kMemberGone,
                           "the group began anew: join again; what was not acknowledged is "
                           "delivered again"
                )
                    .with("member", std::to_string(member.id()));
            }
            const Now moment = now();
            if (member.is_polling()) ANNALS_CHECK(engine_->want(member.id(), events_max, moment));
            const std::size_t limit = events_max == 0
                                          ? kTakeEventsMax
                                          : std::min<std::size_t>(events_max, kTakeEventsMax);
            ANNALS_TRY(
                const bool has_some, engine_->take(member.id(), limit, kTakeBytesMax, taken)
            );
            if (!has_some) member.arm();
            if (has_some && member.is_polling()) {
                ANNALS_CHECK(engine_->want(member.id(), 0, moment));
            }
            for (const Delivery& one : taken) {
                if (one.is_edited) edits[one.position] = edits_[one.position];
            }
            events = events_;
            woken = service(moment);
            wants_more = wants_events();
        }
        // Not from here: the caller may hold what their wakers want.
        std::erase_if(woken, [&](const auto& other) { return other.get() == &member; });
        if (!woken.empty()) (void)tools_.pool->post([woken] { wake(woken); });
        if (wants_more) post_run();
        if (taken.empty()) return false;
        std::vector<DeliveryId> removed;
        for (Delivery& one : taken) {
            if (!one.message.empty() && !one.is_edited) {
                deliveries.events.add_message(one.message);
            } else {
                if (!member.reader) member.reader.emplace(events->log().reader());
                const auto edit = edits.find(one.position);
                const Status added = add_message(
                    *member.reader,
                    one.position,
                    edit == edits.end() ? nullptr : &edit->second,
                    deliveries.events
                );
                if (!added) {
                    if (added.error().code() != ErrorCode::kEventNotFound) return added.error();
                    removed.push_back(one.id);
                    continue;
                }
            }
            deliveries.deliveries.push_back(one.id);
            deliveries.attempts.push_back(one.attempt);
        }
        member.reader.reset();
        if (!removed.empty()) {
            const Lock lock(mutex_);
            for (const DeliveryId id : removed) {
                if (engine_) engine_->drop(id, now());
            }
        }
        if (!deliveries.empty()) return true;
    }
}

Result<std::vector<api::RefusedSettlement>> Group::settle(
    MemberId member, const std::vector<api::Settlement>& settled
) {
    std::vector<api::RefusedSettlement> refused;
    Woken woken;
    bool wants_more = false;
    {
        const Lock lock(mutex_);
        if (engine_ == nullptr) {
            return Error(ErrorCode::kMemberGone, "the group began anew: join again")
                .with("member", std::to_string(member));
        }
        const Now moment = now();
        ANNALS_CHECK(engine_->settle(member, settled, moment, refused));
        woken = service(moment);
        wants_more = wants_events();
    }
    wake(woken);
    if (wants_more) post_run();
    return refused;
}

void Group::leave(MemberId member) {
    Woken woken;
    {
        const Lock lock(mutex_);
        members_.erase(member);
        if (engine_ == nullptr) return;
        const Now moment = now();
        engine_->leave(member, true, moment);
        woken = service(moment);
    }
    wake(woken);
}

// ---- status ----

std::uint64_t Group::count_behind(bool& is_exact) const {
    const Position frontier = engine_->frontier();
    const Position end = events_->visible_end().get();
    if (frontier >= end) return 0;
    const std::uint64_t span = end.value - frontier.value;
    const api::GroupSettings& settings = definition_.settings;
    if (!settings.stream.empty()) {
        const auto head = events_->index().head(settings.stream);
        if (head && !*head) return 0;
        if (head && last_revision_) return (*head)->last.value - last_revision_->value;
        is_exact = false;
        return head ? std::min(span, (*head)->last.value + 1) : span;
    }
    std::vector<Position> positions;
    const Result<bool> is_indexed = events_->index().filter_positions(
        settings.filter,
        frontier.next(),
        end,
        index::Direction::kForwards,
        kBehindCountedMax,
        positions
    );
    if (!is_indexed || !*is_indexed) {
        is_exact = settings.filter.is_everything() && settings.filter.include_system;
        return span;
    }
    const bool is_checked = settings.filter.stream_prefixes.empty() &&
                            settings.filter.stream_pattern.empty() &&
                            settings.filter.type_pattern.empty();
    is_exact = is_checked && positions.size() < kBehindCountedMax;
    return positions.size();
}

api::GroupStatus Group::status(bool counts_behind) {
    const Lock lock(mutex_);
    const Now moment = now();
    api::GroupStatus status;
    status.group = name_;
    status.settings = definition_.settings;
    status.generation = definition_.generation;
    status.created_time = definition_.created_time;
    status.changed_time = changed_time_;
    status.last_error = last_error_;
    status.last_error_time = last_error_time_;
    status.waits_for = waits_for();
    status.state = is_failed_              ? api::GroupState::kFailed
                   : definition_.is_paused ? api::GroupState::kPaused
                                           : api::GroupState::kRunning;
    if (engine_ == nullptr || events_ == nullptr) {
        status.state = api::GroupState::kFailed;
        return status;
    }
    const EngineCounts counts = engine_->counts();
    status.members = engine_->members();
    status.checkpoint = engine_->checkpoint().low;
    if (auto token = streams::Tokens(*events_).at(status.checkpoint)) {
        status.position = std::move(*token);
    }
    status.read_up_to = engine_->frontier();
    status.in_flight = counts.in_flight;
    status.waiting = counts.waiting;
    status.handled = counts.handled;
    status.redelivered = counts.redelivered;
    status.parked_keys = counts.parked_keys;
    status.parked_events = counts.backlog;
    if (const auto oldest = engine_->oldest_parked()) {
        status.oldest_parked_seconds = seconds_between(*oldest, moment.time);
    }
    status.behind = counts.unfinished;
    const Position end = events_->visible_end().get();
    if (counts_behind) {
        status.behind += count_behind(status.is_behind_exact);
    } else {
        status.is_behind_exact = engine_->frontier() >= end;
    }
    if (const auto oldest = engine_->oldest_unfinished()) {
        status.seconds_behind = seconds_between(*oldest, moment.time);
    }
    if (samples_.size() > 1 || (samples_.size() == 1 && moment.ns > samples_[0].first)) {
        const double seconds = static_cast<double>(moment.ns - samples_.front().first) / 1e9;
        const auto handled = static_cast<double>(counts.handled - samples_.front().second);
        status.events_per_second = handled / std::max(seconds, 0.001);
    }
    if (status.behind == 0) {
        status.seconds_to_catch_up = 0;
    } else if (status.events_per_second > 0) {
        status.seconds_to_catch_up = static_cast<double>(status.behind) / status.events_per_second;
    }
    const std::int64_t still_ns = moment.ns - progress_ns_;
    const bool has_work = counts.unfinished > 0 || engine_->is_backlog_full();
    const std::int64_t limit_ns = std::int64_t{definition_.settings.stalled_after_ms} * kMs;
    if (has_work && counts.handled == progress_handled_ && still_ns >= limit_ns) {
        status.stalled_for_seconds = static_cast<double>(still_ns) / 1e9;
    }
    return status;
}

}  // namespace annals::groups
