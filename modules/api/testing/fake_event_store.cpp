// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/api/testing/fake_event_store.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "annals/base/clock.hpp"
#include "annals/model/limits.hpp"
#include "annals/model/names.hpp"
#include "annals/model/stream_life.hpp"
#include "annals/model/token.hpp"

#include "fake_log.hpp"

namespace annals::api::testing {
/// Live subscriptions that ask to be woken.
struct FakeEventStore::Wakes {
    std::mutex mutex;
    std::set<FakeSubscription*> live;
};

class FakeEventStore::FakeSubscription final : public Subscription {
  public:
    FakeSubscription(FakeEventStore& store, Log& log, SubscribeRequest request, std::size_t first)
        : store_(store), log_(log), request_(std::move(request)), next_(first) {
        const std::lock_guard lock(store_.wakes_->mutex);
        store_.wakes_->live.insert(this);
    }
    ~FakeSubscription() override {
        // waits for a waker that runs
        const std::lock_guard lock(store_.wakes_->mutex);
        store_.wakes_->live.erase(this);
    }

    Result<bool> try_next(SubscriptionFrame& frame) override {
        const std::lock_guard lock(store_.mutex_);
        if (store_.failure_) return *store_.failure_;
        frame = SubscriptionFrame();
        while (next_ < log_.events.size() && frame.events.size() < request_.batch_events_max) {
            const Stored& stored = *log_.events[next_++];
            const bool is_wanted = request_.stream.empty()
                                       ? model::matches(request_.filter, stored.event)
                                       : request_.stream == stored.event.stream &&
                                             stored.event.revision.value >=
                                                 log_.first_shown(request_.stream);
            if (is_wanted) frame.events.add_message(stored.bytes);
        }
        frame.position = token_of(log_.name, Position(next_));
        if (!frame.events.empty()) return true;
        if (!std::exchange(was_caught_up_, true)) {
            frame.mark = SubscriptionMark::kCaughtUp;
            return true;
        }
        is_armed_ = true;
        return false;
    }

    void set_waker(std::function<void()> waker) override { waker_ = std::move(waker); }

    /// With the lock of Wakes.
    void wake() {
        {
            const std::lock_guard lock(store_.mutex_);
            if (!std::exchange(is_armed_, false)) return;
        }
        if (waker_) waker_();
    }

  private:
    FakeEventStore& store_;
    Log& log_;
    const SubscribeRequest request_;
    std::size_t next_;
    bool was_caught_up_ = false;
    bool is_armed_ = false;
    std::function<void()> waker_;
};

FakeEventStore::FakeEventStore() : wakes_(std::make_shared<Wakes>()) {
    logs_.emplace("default", std::make_unique<Log>()).first->second->name = "default";
    thread_ = std::thread([this] { answer_all(); });
}

FakeEventStore::~FakeEventStore() {
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    answerable_.notify_all();
    thread_.join();
}

void FakeEventStore::fail_with(std::optional<Error> error) {
    {
        const std::lock_guard lock(mutex_);
        failure_ = std::move(error);
    }
    const std::lock_guard lock(wakes_->mutex);
    for (FakeSubscription* subscription : wakes_->live) subscription->wake();
}

void FakeEventStore::hold_answers(bool is_held) {
    {
        const std::lock_guard lock(mutex_);
        is_held_ = is_held;
    }
    answerable_.notify_all();
}

void FakeEventStore::set_sync_time(std::chrono::microseconds time) {
    const std::lock_guard lock(mutex_);
    sync_time_ = time;
}

void FakeEventStore::set_reads_at_once(bool is_at_once) {
    const std::lock_guard lock(mutex_);
    reads_at_once_ = is_at_once;
}

FakeEventStore::Seen FakeEventStore::seen() const {
    const std::lock_guard lock(mutex_);
    return seen_;
}

std::size_t FakeEventStore::open_subscriptions() const {
    const std::lock_guard lock(wakes_->mutex);
    return wakes_->live.size();
}

void FakeEventStore::answer_all() {
    std::vector<Answer> group;
    std::unique_lock lock(mutex_);
    while (true) {
        answerable_.wait(lock, [&] { return is_stopping_ || (!answers_.empty() && !is_held_); });
        if (answers_.empty()) return;
        group.swap(answers_);
        // stands for the device: a time-out that nothing ends early
        std::condition_variable device;
        if (sync_time_.count() > 0) device.wait_for(lock, sync_time_);
        lock.unlock();
        for (Answer& answer : group) answer.done(std::move(answer.outcome));
        group.clear();
        {
            const std::lock_guard waking(wakes_->mutex);
            for (FakeSubscription* subscription : wakes_->live) subscription->wake();
        }
        lock.lock();
    }
}

Result<FakeEventStore::Log*> FakeEventStore::log_of(const CallContext& context) {
    if (failure_) return *failure_;
    const auto found = logs_.find(context.name_space);
    if (found != logs_.end()) return found->second.get();
    return Error(ErrorCode::kNamespaceNotFound, "there is no such namespace")
        .with("namespace", context.name_space);
}

void FakeEventStore::note(const CallContext& context) {
    seen_ = {
        std::string(context.name_space),
        std::string(context.traceparent),
        std::string(context.tracestate),
        context.deadline_ns
    };
}

void FakeEventStore::append(
    const CallContext& context, const model::AppendRequest& request, AppendDone done
) {
    {
        const std::lock_guard lock(mutex_);
        note(context);
        Result<Log*> log = log_of(context);
        answers_.push_back(
            {std::move(done), log ? decide(**log, request) : std::move(log).take_error()}
        );
        if (answers_.size() > 1) return;  // the thread is awake or will be
    }
    answerable_.notify_one();
}

Result<AppendResponse> FakeEventStore::decide(Log& log, const model::AppendRequest& request) {
    std::vector<model::FailedCheck> failed;
    for (std::size_t i = 0; i < request.checks.size(); ++i) {
        model::FailedCheck check;
        check.check_index = static_cast<std::uint32_t>(i);
        if (const auto* query = std::get_if<model::QueryCheck>(&request.checks[i])) {
            std::uint64_t at = 0;
            if (!query->after.empty()) {
                ANNALS_TRY(at, log.index_of(std::string(query->after)));
            }
            while (at < log.events.size() && !matches(query->query, log.events[at]->event)) ++at;
            check.kind = model::FailedCheck::Kind::kQuery;
            check.matching_position = Position(at + 1);
            if (at < log.events.size()) failed.push_back(std::move(check));
            continue;
        }
        const auto& wanted = std::get<model::StreamCheck>(request.checks[i]);
        auto unmet = log.failed(wanted.stream, wanted.expected);
        if (!unmet) continue;
        unmet->check_index = check.check_index;
        failed.push_back(std::move(*unmet));
    }
    if (!failed.empty()) return model::make_conflict(std::move(failed));
    if (request.events.empty()) {
        return Error(ErrorCode::kInvalidArgument, "no events").with("field", "events");
    }

    for (const model::NewEvent& event : request.events) {
        ANNALS_CHECK(log.check_alive(event.stream.empty() ? request.stream : event.stream));
    }

    AppendResponse response;
    response.first_position = log.end().next();
    response.recorded_time = system_clock().now();
    for (const model::NewEvent& proposed : request.events) {
        model::NewEvent event = proposed;
        if (event.stream.empty()) event.stream = request.stream;
        ANNALS_CHECK(model::check_stream_name(event.stream));
        if (event.id.is_nil()) event.id = make_uuid_v7(system_clock());
        auto found = log.streams.try_emplace(std::string(event.stream)).first;
        const Revision revision(found->second.size());
        auto stored = std::make_unique<Stored>();
        model::encode_new_event(stored->bytes, event);
        model::encode_stamp(stored->bytes, log.end().next(), revision, response.recorded_time);
        ANNALS_CHECK(model::decode_event_fields(stored->bytes, stored->event));
        found->second.push_back(log.events.size());
        if (const auto what = log.said.find(event.stream); what != log.said.end()) {
            what->second.is_deleted = false;
        }
        log.events.push_back(std::move(stored));
        const auto same = std::find_if(
            response.streams.begin(),
            response.streams.end(),
            [&](const auto& stream) { return stream.stream == event.stream; }
        );
        if (same == response.streams.end()) {
            response.streams.push_back({std::string(event.stream), revision, revision});
        } else {
            same->last = revision;
        }
    }
    response.last_position = log.end();
    response.position = token_of(log.name, log.end());
    return response;
}

Result<ReadPage> FakeEventStore::page(Log& log, const ReadRequest& request) {
    const bool is_backwards = request.direction == Direction::kBackwards;
    if (!request.stream.empty()) ANNALS_CHECK(log.check_found(request.stream));
    const std::uint64_t first_shown = log.first_shown(request.stream);
    if (!request.min_position.empty()) {
        ANNALS_TRY(const std::uint64_t index, log.index_of(request.min_position));
        (void)index;
    }
    ANNALS_TRY(std::size_t at, log.first_of(request.stream, request.start, is_backwards));
    ReadPage answer;
    answer.position = token_of(log.name, log.end());
    const auto stream = log.streams.find(request.stream);
    if (stream != log.streams.end()) {
        answer.last_revision = Revision(stream->second.size() - 1);
        answer.first_revision = Revision(first_shown);
    }
    std::size_t last = 0;
    while (answer.events.size() < request.limit) {
        if (is_backwards ? at == 0 : at >= log.events.size()) {
            answer.is_end = true;
            break;
        }
        const std::size_t index = is_backwards ? --at : at++;
        const Stored& stored = *log.events[index];
        const bool is_wanted = request.stream.empty()
                                   ? model::matches(request.filter, stored.event)
                                   : request.stream == stored.event.stream &&
                                         stored.event.revision.value >= first_shown;
        if (!is_wanted) continue;
        const std::size_t bytes = answer.events.bytes().size() + stored.bytes.size();
        if (!answer.events.empty() && bytes > model::Limits::kReadBytesMax) break;
        answer.events.add_message(stored.bytes);
        last = index + 1;
    }
    if (!answer.is_end) answer.next = token_of(log.name, Position(last));
    return answer;
}

Result<ReadPage> FakeEventStore::read(const CallContext& context, const ReadRequest& request) {
    const std::lock_guard lock(mutex_);
    note(context);
    ANNALS_TRY(Log * log, log_of(context));
    return page(*log, request);
}

std::optional<Result<ReadPage>> FakeEventStore::try_read(
    const CallContext& context, const ReadRequest& request
) {
    {
        const std::lock_guard lock(mutex_);
        if (!reads_at_once_) return std::nullopt;
    }
    return read(context, request);
}

Result<std::unique_ptr<Subscription>> FakeEventStore::subscribe(
    const CallContext& context, const SubscribeRequest& request
) {
    Log* log = nullptr;
    std::size_t first = 0;
    {
        const std::lock_guard lock(mutex_);
        note(context);
        ANNALS_TRY(log, log_of(context));
        if (std::holds_alternative<FromEnd>(request.start)) {
            first = log->events.size();
        } else {
            ANNALS_TRY(first, log->first_of(request.stream, request.start, false));
        }
    }
    return std::make_unique<FakeSubscription>(*this, *log, request, first);
}

Result<ReadPage> FakeEventStore::get_event(const CallContext& context, const Uuid& id) {
    const std::lock_guard lock(mutex_);
    ANNALS_TRY(Log * log, log_of(context));
    ReadPage answer;
    for (const auto& stored : log->events) {
        if (stored->event.id == id) answer.events.add_message(stored->bytes);
    }
    if (answer.events.empty()) {
        return Error(ErrorCode::kEventNotFound, "there is no such event")
            .with("id", id.to_string());
    }
    answer.position = token_of(log->name, log->end());
    answer.is_end = true;
    return answer;
}

Result<StreamList> FakeEventStore::list_streams(
    const CallContext& context, const ListRequest& request
) {
    const std::lock_guard lock(mutex_);
    ANNALS_TRY(Log * log, log_of(context));
    StreamList list;
    for (const auto& [name, events] : log->streams) {
        if (!name.starts_with(request.prefix) || name <= request.after) continue;
        if (list.streams.size() == request.limit) break;
        const model::RecordedEvent& last = log->events[events.back()]->event;
        list.streams.push_back({name, events.size(), last.position, last.recorded_time});
    }
    list.position = token_of(log->name, log->end());
    return list;
}

Result<CategoryList> FakeEventStore::list_categories(
    const CallContext& context, const ListRequest& request
) {
    const std::lock_guard lock(mutex_);
    ANNALS_TRY(Log * log, log_of(context));
    std::map<std::string, CategorySummary> categories;
    for (const auto& [name, events] : log->streams) {
        const std::string category(model::category_of(name));
        if (category.empty() || !category.starts_with(request.prefix)) continue;
        if (category <= request.after) continue;
        CategorySummary& summary = categories[category];
        const model::RecordedEvent& last = log->events[events.back()]->event;
        summary.name = category;
        ++summary.streams;
        summary.events += events.size();
        summary.last_position = std::max(summary.last_position, last.position);
        summary.last_time = std::max(summary.last_time, last.recorded_time);
    }
    CategoryList list;
    for (auto& [name, summary] : categories) {
        if (list.categories.size() < request.limit) list.categories.push_back(std::move(summary));
    }
    list.position = token_of(log->name, log->end());
    return list;
}

Result<StreamList> FakeEventStore::list_types(
    const CallContext& context, const ListRequest& request
) {
    const std::lock_guard lock(mutex_);
    ANNALS_TRY(Log * log, log_of(context));
    std::map<std::string, StreamSummary> types;
    for (const auto& stored : log->events) {
        const std::string type(stored->event.type);
        if (!type.starts_with(request.prefix) || type <= request.after) continue;
        StreamSummary& summary = types[type];
        summary.name = type;
        ++summary.events;
        summary.last_position = stored->event.position;
        summary.last_time = stored->event.recorded_time;
    }
    StreamList list;
    for (auto& [name, summary] : types) {
        if (list.streams.size() < request.limit) list.streams.push_back(std::move(summary));
    }
    list.position = token_of(log->name, log->end());
    return list;
}

Result<StreamInfo> FakeEventStore::get_stream(const CallContext& context, std::string_view stream) {
    const std::lock_guard lock(mutex_);
    ANNALS_TRY(Log * log, log_of(context));
    ANNALS_CHECK(log->check_alive(stream));
    const auto found = log->streams.find(stream);
    if (found == log->streams.end()) {
        return Error(ErrorCode::kStreamNotFound, "there is no such stream").with("stream", stream);
    }
    const model::RecordedEvent& first = log->events[found->second.front()]->event;
    const model::RecordedEvent& last = log->events[found->second.back()]->event;
    StreamInfo info;
    info.name = stream;
    info.first_revision = Revision(std::min(log->first_shown(stream), log->count(stream)));
    info.events = found->second.size() - info.first_revision.value;
    info.is_deleted = log->said_of(stream).is_deleted;
    info.last_revision = last.revision;
    info.last_position = last.position;
    info.first_time = first.recorded_time;
    info.last_time = last.recorded_time;
    return info;
}

Result<NamespaceInfo> FakeEventStore::create_namespace(
    const CallContext& /*context*/, std::string_view name
) {
    ANNALS_CHECK(model::check_namespace_name(name));
    const std::lock_guard lock(mutex_);
    const auto [found, is_new] = logs_.try_emplace(std::string(name), nullptr);
    if (!is_new) {
        return Error(ErrorCode::kNamespaceExists, "the namespace exists").with("namespace", name);
    }
    found->second = std::make_unique<Log>();
    found->second->name = name;
    return NamespaceInfo{std::string(name), system_clock().now(), {}};
}

Result<std::vector<NamespaceInfo>> FakeEventStore::list_namespaces(const CallContext&) {
    const std::lock_guard lock(mutex_);
    std::vector<NamespaceInfo> list;
    list.reserve(logs_.size());
    for (const auto& [name, log] : logs_) list.push_back({name, TimeNs(1), log->end()});
    return list;
}

Status FakeEventStore::delete_namespace(const CallContext& /*context*/, std::string_view name) {
    const std::lock_guard lock(mutex_);
    const auto found = logs_.find(name);
    if (found == logs_.end()) {
        return Error(ErrorCode::kNamespaceNotFound, "there is none").with("namespace", name);
    }
    logs_.erase(found);
    return ok();
}

Result<ServerInfo> FakeEventStore::info(const CallContext& context) {
    const std::lock_guard lock(mutex_);
    ANNALS_TRY(Log * log, log_of(context));
    ServerInfo info;
    info.version = "fake";
    info.log_id = log_id_of(log->name).to_string();
    info.incarnation = 1;
    info.last_position = log->end();
    info.position = token_of(log->name, log->end());
    info.durability = "memory";
    info.started_time = TimeNs(1);
    info.index_position = log->end();
    return info;
}

}  // namespace annals::api::testing
