// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/scavenge/scavenger.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "annals/base/uuid.hpp"

namespace annals::scavenge {
namespace {

constexpr auto kTick = std::chrono::minutes(1);
constexpr std::int64_t kMinuteNs = 60'000'000'000;
constexpr std::int64_t kMinutesOfDay = 1'440;

}  // namespace

bool is_in_window(const ScavengePolicy& policy, TimeNs now) {
    if (policy.from_minute == policy.to_minute) return true;
    const auto minute = static_cast<std::uint32_t>(now.value / kMinuteNs % kMinutesOfDay);
    if (policy.from_minute < policy.to_minute)
        return minute >= policy.from_minute && minute < policy.to_minute;
    return minute >= policy.from_minute || minute < policy.to_minute;
}

Scavenger::Scavenger(ScavengeSource& source, const ScavengePolicy& policy, const Clock& clock)
    : source_(source), policy_(policy), clock_(clock), started_(clock.now()) {
    if (policy_.interval_ns == 0) return;
    thread_ = runtime::Thread("scavenge", [this] { run(); });
}

bool Scavenger::is_busy_locked() const {
    return status_.state == api::ScavengeState::kRunning ||
           status_.state == api::ScavengeState::kPaused;
}

void Scavenger::begin_locked(const api::StartScavengeRequest& request, bool is_automatic) {
    pace_.reset();
    pace_.set_bytes_per_s(request.throttle_bytes_per_s);
    status_ = {};
    status_.id = make_uuid_v7(clock_).to_string();
    status_.state = api::ScavengeState::kRunning;
    status_.is_dry_run = request.is_dry_run;
    status_.started_time = clock_.now();
    request_ = request;
    is_start_told_ = false;
    wanted_ = request;
    is_automatic_ = is_automatic;
    if (!thread_.is_running()) thread_ = runtime::Thread("scavenge", [this] { run(); });
    changed_.notify_all();
}

Result<api::ScavengeStatus> Scavenger::start(
    const api::StartScavengeRequest& request, bool is_paused
) {
    const std::lock_guard lock(mutex_);
    if (is_closing_) return Error(ErrorCode::kShuttingDown, "the server is stopping");
    if (is_busy_locked()) {
        return Error(
                   ErrorCode::kScavengeRunning,
                   "scavenge " + status_.id + " is running: wait for its end, or stop it first"
        )
            .with("scavenge", status_.id);
    }
    begin_locked(request, false);
    if (is_paused) {
        pace_.pause();
        status_.state = api::ScavengeState::kPaused;
    }
    return status_;
}

api::ScavengeStatus Scavenger::status() const {
    const std::lock_guard lock(mutex_);
    return status_;
}

Result<api::ScavengeStatus> Scavenger::control(api::ScavengeCommand command) {
    const std::lock_guard telling(telling_mutex_);
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return is_start_told_ || !is_busy_locked(); });
    if (!is_busy_locked()) {
        return Error(ErrorCode::kScavengeNotRunning, "no scavenge is running: start one first");
    }
    const api::ScavengeState before = status_.state;
    switch (command) {
        case api::ScavengeCommand::kPause:
            pace_.pause();
            status_.state = api::ScavengeState::kPaused;
            break;
        case api::ScavengeCommand::kResume:
            pace_.resume();
            status_.state = api::ScavengeState::kRunning;
            break;
        case api::ScavengeCommand::kStop:
            pace_.stop();
            break;
    }
    const api::ScavengeStatus now = status_;
    const api::StartScavengeRequest request = request_;
    lock.unlock();
    if (now.state != before && !now.is_dry_run) {
        ANNALS_CHECK(source_.on_controlled(request, now));
    }
    return now;
}

ScavengeCounts Scavenger::counts() const {
    const std::lock_guard lock(mutex_);
    ScavengeCounts counts = counts_;
    counts.is_running = is_busy_locked();
    return counts;
}

void Scavenger::look_at_clock() {
    const std::lock_guard lock(mutex_);
    if (policy_.interval_ns == 0 || is_closing_ || is_busy_locked()) return;
    const TimeNs now = clock_.now();
    const TimeNs since = std::max(started_, counts_.last_ended);
    if (now.value - since.value < policy_.interval_ns || !is_in_window(policy_, now)) return;
    api::StartScavengeRequest request;
    request.throttle_bytes_per_s = policy_.throttle_bytes_per_s;
    begin_locked(request, true);
}

void Scavenger::wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !is_busy_locked(); });
}

void Scavenger::close() {
    {
        const std::lock_guard lock(mutex_);
        is_closing_ = true;
        pace_.stop();
        changed_.notify_all();
    }
    thread_.join();
}

std::chrono::nanoseconds Scavenger::until_next_look() const {
    const TimeNs since = std::max(started_, counts_.last_ended);
    const std::int64_t left_ns = policy_.interval_ns - (clock_.now().value - since.value);
    // Over already: it waits for its window.
    if (policy_.interval_ns == 0 || left_ns <= 0) return kTick;
    return std::min<std::chrono::nanoseconds>(kTick, std::chrono::nanoseconds(left_ns));
}

void Scavenger::run() {
    std::unique_lock lock(mutex_);
    while (!is_closing_ || wanted_) {
        if (!wanted_) {
            const bool is_called = changed_.wait_for(lock, until_next_look(), [this] {
                return wanted_.has_value() || is_closing_;
            });
            if (is_called) continue;
            lock.unlock();
            look_at_clock();
            lock.lock();
            continue;
        }
        const api::StartScavengeRequest request = *std::exchange(wanted_, std::nullopt);
        const bool is_automatic = is_automatic_;
        lock.unlock();
        run_once(request, is_automatic);
        lock.lock();
        changed_.notify_all();
    }
}

void Scavenger::run_once(const api::StartScavengeRequest& request, bool is_automatic) {
    totals_ = {};
    if (!request.is_dry_run) source_.on_started(request, status());
    {
        const std::lock_guard lock(mutex_);
        is_start_told_ = true;
        changed_.notify_all();
    }
    Status done = ok();
    const auto is_there = [this](const std::string& name) {
        const std::vector<std::string> names = source_.namespaces();
        return std::find(names.begin(), names.end(), name) != names.end();
    };
    std::vector<std::string> names = source_.namespaces();
    if (!request.name_space.empty()) names = {request.name_space};
    for (const std::string& name : names) {
        if (pace_.is_stopped()) break;
        done = scavenge_namespace(name, request, is_automatic);
        if (done) continue;
        if (!request.name_space.empty()) break;
        // It may have been deleted under our hands, and made anew: a fault of its own comes again.
        if (is_there(name)) done = scavenge_namespace(name, request, is_automatic);
        if (!done && is_there(name)) break;
        done = ok();
    }
    end(done);
}

void Scavenger::end(const Status& done) {
    const std::lock_guard telling(telling_mutex_);
    api::ScavengeStatus ended;
    {
        const std::lock_guard lock(mutex_);
        ended = status_;
        ended.state = !done                ? api::ScavengeState::kFailed
                      : pace_.is_stopped() ? api::ScavengeState::kStopped
                                           : api::ScavengeState::kDone;
        if (!done) ended.error = done.error().to_string();
        ended.ended_time = clock_.now();
    }
    // The end of the server is not the run's: it goes on at the next start.
    const bool is_interrupted = ended.state == api::ScavengeState::kStopped && is_closing();
    if (!is_interrupted && !ended.is_dry_run) source_.on_ended(ended);
    const std::lock_guard lock(mutex_);
    status_ = ended;
    counts_.last_ended = ended.ended_time;
    if (ended.is_dry_run) return;
    ++counts_.runs;
    if (!done) ++counts_.failures;
    counts_.removed_events += totals_.removed_events;
    counts_.freed_bytes += totals_.freed_bytes;
}

bool Scavenger::is_closing() const {
    const std::lock_guard lock(mutex_);
    return is_closing_;
}

Status Scavenger::scavenge_namespace(
    const std::string& name, const api::StartScavengeRequest& request, bool is_automatic
) {
    ANNALS_TRY(const NamespaceLogs logs, source_.open(name));
    if (request.confirms_clock && !request.is_dry_run) source_.on_clock_confirmed(name);
    const bool is_held = logs.is_clock_in_doubt && !request.confirms_clock;
    {
        const std::lock_guard lock(mutex_);
        status_.name_space = name;
        if (is_held) status_.ages_held_in = name;
    }
    const Ages ages = is_held ? Ages::kHeld : Ages::kCount;
    StreamRemovalRules rules(*logs.events, ages);
    ANNALS_TRY(
        bool goes_on,
        scavenge_one(*logs.events, rules, folding_of(*logs.events, ages), request, is_automatic)
    );
    if (!goes_on || logs.system == nullptr) return ok();
    SystemRemovalRules system_rules(*logs.system, *logs.events, ages);
    // Heads alone are asked for here: what is removed now is folded at once.
    LogScavengeOptions at_once;
    at_once.folds_at_once = true;
    ANNALS_TRY(goes_on, scavenge_one(*logs.system, system_rules, at_once, request, is_automatic));
    return ok();
}

LogScavengeOptions Scavenger::folding_of(const commit::Orderer& events, Ages ages) const {
    LogScavengeOptions options;
    if (policy_.keep_stubs_ns >= 0 && ages == Ages::kCount)
        options.folds_before = TimeNs(events.now().value - policy_.keep_stubs_ns);
    return options;
}

Result<bool> Scavenger::scavenge_one(
    commit::Orderer& orderer,
    RemovalRules& rules,
    const LogScavengeOptions& folding,
    const api::StartScavengeRequest& request,
    bool is_automatic
) {
    LogScavengeOptions options = folding;
    options.is_dry_run = request.is_dry_run;
    options.seals_first = !is_automatic;
    options.dead_percent_min = is_automatic ? policy_.dead_percent_min : 0;
    options.pace = [this](std::uint64_t bytes) { return pace_.take(bytes); };
    options.on_progress = [this](const ScavengeTotals& totals) { show(totals); };
    return scavenge_log(orderer, rules, options, totals_);
}

void Scavenger::show(const ScavengeTotals& totals) {
    const std::lock_guard lock(mutex_);
    status_.segments_done = totals.segments_done;
    status_.segments = totals.segments;
    status_.bytes_done = totals.bytes_done;
    status_.bytes = totals.bytes;
    status_.rewritten_segments = totals.rewritten_segments;
    status_.removed_events = totals.removed_events;
    status_.folded_events = totals.folded_events;
    status_.freed_bytes = totals.freed_bytes;
}

}  // namespace annals::scavenge
