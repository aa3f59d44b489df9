// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "group.hpp"

#include <algorithm>
#include <utility>

#include "annals/model/names.hpp"
#include "annals/streams/tokens.hpp"
#include "annals/telemetry/logging.hpp"

#include "member.hpp"

namespace annals::groups {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
/// Keys that are ready and with nobody: beyond them nothing is read ahead.
constexpr std::uint64_t kReadyKeysMax = 2'048;
constexpr std::uint32_t kFrameEvents = 256;
constexpr int kFramesAtOnce = 8;

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
                   "not of this log's history, reset or rewind it; where its filter is to blame, "
                   "update it"
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
    Lock lock(mutex_);
    if (is_closed_) return Error(ErrorCode::kShuttingDown, "the server is stopping");
    end_members();
    std::unique_ptr<api::Subscription> old = end_reading(lock);
    written_.wait(lock, [&] { return !is_writing_; });
    lock.unlock();
    old.reset();
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
    rate_.begin(moment.ns, 0);
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
    failed_since_ns_.reset();
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
void Group::fail(const Error& error) {
    last_error_ = error.to_string();
    last_error_time_ = tools_.clock.now();
    is_failed_ = true;
    if (!failed_since_ns_) failed_since_ns_ = tools_.clock.monotonic_ns();
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
    const std::lock_guard admin(admin_);
    Lock lock(mutex_);
    if (is_closed_) return;
    std::unique_ptr<api::Subscription> old = end_reading(lock);
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
    if (engine_ == nullptr || subscription_ == nullptr || is_armed_ || is_reading_) return false;
    return engine_->has_room() && engine_->counts().ready_keys < kReadyKeysMax;
}

void Group::on_events() {
    Woken woken;
    bool has_more = false;
    {
        Lock lock(mutex_);
        is_armed_ = false;
        ++calls_;  // who reads meanwhile asks again
        if (engine_ == nullptr || is_closed_) return;
        has_more = pump(lock, 2);
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

bool Group::pump(Lock& lock, int frames) {
    for (; frames > 0 && wants_events(); --frames) {
        is_reading_ = true;
        const std::uint64_t calls = calls_;
        const std::uint64_t number = opened_;
        api::Subscription& subscription = *subscription_;  // stays while is_reading_
        lock.unlock();
        Result<std::optional<ReadFrame>> read = read_one(subscription);
        lock.lock();
        is_reading_ = false;
        read_.notify_all();
        if (engine_ == nullptr || opened_ != number) return false;  // it begins anew
        if (!read) {
            fail(read.error());
            return false;
        }
        if (*read) {
            note_progress(now());  // where nothing was to do, a stall begins here
            (*read)->offer_to(*engine_);
            if (const auto last = (*read)->last_revision()) last_revision_ = *last;
        } else if (calls == calls_) {
            is_armed_ = true;
        }
    }
    return wants_events();
}

Result<std::optional<ReadFrame>> Group::read_one(api::Subscription& subscription) {
    api::SubscriptionFrame frame;
    ANNALS_TRY(const bool has_frame, subscription.try_next(frame));
    if (!has_frame) return std::optional<ReadFrame>();
    ANNALS_TRY(ReadFrame read, ReadFrame::decode(frame, *key_of_, streams::Tokens(*events_)));
    return std::optional<ReadFrame>(std::move(read));
}

std::unique_ptr<api::Subscription> Group::end_reading(Lock& lock) {
    std::unique_ptr<api::Subscription> old = std::move(subscription_);
    ++opened_;
    read_.wait(lock, [&] { return !is_reading_; });
    return old;
}

void Group::run() {
    cancel_run();
    Woken woken;
    bool has_more = false;
    bool must_reopen = false;
    {
        Lock lock(mutex_);
        if (is_closed_ || is_gone_) return;
        Now moment = now();
        must_reopen = is_failed_ && !is_writing_ && moment.ns >= reopen_ns_;
        if (engine_ != nullptr) {
            engine_->tick(moment);
            has_more = pump(lock, kFramesAtOnce);
            moment = now();
        }
        if (engine_ != nullptr) {
            engine_->tick(moment);
            rate_.look(moment.ns, engine_->handled());
            watch(moment);
            look_ns_ = moment.ns + kSecond;
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
    // Not a second from now: whoever comes oftener would keep the watch from looking.
    std::int64_t due = look_ns_;
    if (const auto next = engine_->next_due_ns()) due = std::min(due, *next);
    if (!is_writing_ && engine_->finished_since() > 0) {
        due = std::min(due, std::max(checkpoint_due_ns_, retry_write_ns_));
    }
    const std::int64_t before = due_ns_.exchange(due);
    // A run that is due later comes by itself.
    if (due < before || before <= moment.ns) tools_.look_again();
}

void Group::note_progress(Now moment) {
    const std::uint64_t handled = engine_->handled();
    if (has_work() && handled == progress_handled_) return;
    progress_ns_ = moment.ns;
    progress_handled_ = handled;
    has_warned_ = false;
}

/// Says it once when work lies there and nothing goes on.
void Group::watch(Now moment) {
    note_progress(moment);
    const std::int64_t limit_ns = std::int64_t{definition_.settings.stalled_after_ms} * kNsPerMs;
    if (has_warned_ || moment.ns - progress_ns_ < limit_ns) return;
    has_warned_ = true;
    telemetry::log_warning(
        "consumer group is stalled",
        {{"namespace", name_space_},
         {"group", name_},
         {"waits_for", waits_for()},
         {"last_error",
          engine_->last_failure() ? failure_text(*engine_->last_failure()) : last_error_}}
    );
}

}  // namespace annals::groups
