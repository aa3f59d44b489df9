// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/namespaces/namespaces.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <shared_mutex>

#include "annals/log/segment_log.hpp"
#include "annals/model/names.hpp"
#include "annals/model/token.hpp"
#include "annals/namespaces/registry.hpp"
#include "annals/runtime/thread.hpp"
#include "annals/streams/admission.hpp"
#include "annals/streams/snapshots.hpp"

#include "graveyard.hpp"
#include "open_namespace.hpp"
#include "opening_queue.hpp"
#include "scavenge_records.hpp"

namespace annals::namespaces {
namespace {

constexpr std::string_view kSystem = "$system";
constexpr std::string_view kDefault = "default";

Error shutting_down() {
    return Error(
        ErrorCode::kShuttingDown, "the server is stopping: send the call again once it is back"
    );
}

/// The log that decides which namespaces exist is the server's own, which writes there by itself.
Status check_is_for_users(std::string_view name_space) {
    if (name_space != kSystem) return ok();
    return Error(
               ErrorCode::kNotPermitted,
               "the namespace \"$system\" belongs to the server: it can be read, not written"
    )
        .with("remedy", "Create a namespace of your own, or use default.")
        .with("field", "namespace")
        .with("value", name_space)
        .with("namespace", name_space);
}

void add_damages(const log::SegmentLog& log, NamespaceStatus& status) {
    if (log.damage_count() == 0) return;
    const std::vector<log::Damage> damages = log.damages();
    status.log_damages += damages.size();
    if (status.log_damage.empty()) status.log_damage = log::to_string(damages.front());
}

/// Hands an admitted append to the namespace's order.
void submit(
    OpenNamespace& used,
    const api::CallContext& context,
    const model::AppendRequest& request,
    api::AppendDone done
) {
    commit::Orderer& orderer = used.orderer();
    const commit::SubmitContext submitter{
        context.principal, context.traceparent, context.tracestate
    };
    orderer.submit(
        submitter,
        request,
        [identity = orderer.log().identity(),
         done = std::move(done)](Result<model::AppendResult> result) {
            if (!result) return done(std::move(result).take_error());
            api::AppendResponse response;
            static_cast<model::AppendResult&>(response) = std::move(*result);
            response.position = model::format_token(
                model::make_token(identity, response.last_position, response.chain_bits)
            );
            done(std::move(response));
        }
    );
}

/// Keeps the namespace open as long as the subscription lives. That it was deleted is no reason to
/// come back.
class HeldSubscription final : public api::Subscription {
  public:
    HeldSubscription(std::shared_ptr<OpenNamespace> held, std::unique_ptr<api::Subscription> inner)
        : held_(std::move(held)), inner_(std::move(inner)) {}

    Result<bool> try_next(api::SubscriptionFrame& frame) override {
        Result<bool> next = inner_->try_next(frame);
        if (next || next.error().code() != ErrorCode::kShuttingDown || !held_->is_deleted())
            return next;
        return Error(
                   ErrorCode::kNamespaceNotFound,
                   "the namespace \"" + held_->name() + "\" was deleted: nothing follows"
        )
            .with("namespace", held_->name());
    }
    void set_waker(std::function<void()> waker) override { inner_->set_waker(std::move(waker)); }

  private:
    std::shared_ptr<OpenNamespace> held_;
    std::unique_ptr<api::Subscription> inner_;  // goes first
};

}  // namespace

class Namespaces::Impl final : public scavenge::ScavengeSource {
  public:
    explicit Impl(NamespacesOptions options)
        : options_(std::move(options)),
          clock_(options_.clock != nullptr ? *options_.clock : system_clock()),
          started_(clock_.now()) {
        options_.clock = &clock_;
    }

    Status start() {
        ANNALS_CHECK(options_.files->create_directories(options_.directory));
        const std::string directory = options_.directory + "/" + std::string(kSystem);
        ANNALS_TRY(std::shared_ptr<OpenNamespace> system, open_in(std::string(kSystem), directory));
        ANNALS_TRY(registry_, Registry::load(system->orderer()));
        open_.emplace(kSystem, std::move(system));
        ANNALS_CHECK(finish_deletions());
        if (!registry_->find(kDefault)) ANNALS_CHECK(registry_->create(kDefault));
        ANNALS_CHECK(use(kDefault));
        ANNALS_CHECK(start_scavenger());
        keeper_ = runtime::Thread("keeper", [this] { keep(); });
        return ok();
    }

    /// The open namespace, opening it when it exists and is not open.
    Result<std::shared_ptr<OpenNamespace>> use(std::string_view name) {
        if (std::shared_ptr<OpenNamespace> found = find_open(name)) return found;
        const std::lock_guard one_opening(opening_);
        if (std::shared_ptr<OpenNamespace> found = find_open(name)) return found;
        if (is_closing_.load(std::memory_order_acquire)) return shutting_down();
        ANNALS_TRY(const NamespaceRecord record, registry_->find(name));
        close_idle();
        graveyard_->empty();
        const std::string directory = options_.directory + "/" + record.folder();
        ANNALS_CHECK(check_folder(record, directory));
        ANNALS_TRY(std::shared_ptr<OpenNamespace> opened, open_in(record.name, directory));
        // Where nothing can be written the next opening says it.
        if (!record.has_folder) (void)registry_->note_folder(record);
        ends_.erase(record.folder());
        opened->touch(clock_.monotonic_ns());
        judge_reopened(*opened);
        tell_of_clock(*opened);
        const std::unique_lock lock(open_mutex_);
        return open_.insert_or_assign(record.name, std::move(opened)).first->second;
    }

    /// An empty log in the place of one that is gone would give its positions again.
    Status check_folder(const NamespaceRecord& record, const std::string& directory) const {
        if (!record.has_folder) return ok();
        ANNALS_TRY(const bool is_there, options_.files->exists(directory + "/events"));
        if (is_there) return ok();
        return Error(
                   ErrorCode::kDataLoss,
                   "the folder " + directory + " of the namespace \"" + record.name +
                       "\" is gone, with all its events: restore it from a backup" +
                       (record.name == kDefault ? "" : ", or delete the namespace")
        )
            .with("namespace", record.name)
            .with("directory", directory);
    }

    void look_after() {
        const std::lock_guard one_opening(opening_);
        close_idle();
        graveyard_->empty();
        std::vector<std::shared_ptr<OpenNamespace>> open;
        {
            const std::shared_lock lock(open_mutex_);
            for (const auto& [name, one] : open_) open.push_back(one);
        }
        for (const auto& one : open) tell_of_clock(*one);
    }

    Result<std::vector<std::string>> with_system_log() const {
        std::vector<std::string> names;
        for (const NamespaceRecord& record : registry_->list()) {
            const std::string folder = options_.directory + "/" + record.folder() + "/system";
            ANNALS_TRY(const bool is_there, options_.files->exists(folder));
            if (is_there) names.push_back(record.name);
        }
        return names;
    }

    /// For use: it counts as used now. Nothing when it is not open.
    std::shared_ptr<OpenNamespace> find_open(std::string_view name) {
        std::shared_ptr<OpenNamespace> found = glance_at(name);
        if (found) found->touch(clock_.monotonic_ns());
        return found;
    }

    /// The same for who only looks: an idle one closes all the same.
    std::shared_ptr<OpenNamespace> glance_at(std::string_view name) {
        const std::shared_lock lock(open_mutex_);
        const auto found = open_.find(name.empty() ? kDefault : name);
        return found == open_.end() ? nullptr : found->second;
    }

    /// The last position of a namespace, open or not. One that is not open stays so: its folder is
    /// read once, until somebody opens it. 0 also when its log cannot be read.
    Position last_position(const NamespaceRecord& record) {
        if (const auto open = glance_at(record.name)) return open->orderer().visible_end().get();
        const std::lock_guard one_opening(opening_);
        if (const auto open = glance_at(record.name)) return open->orderer().visible_end().get();
        const auto known = ends_.find(record.folder());
        if (known != ends_.end()) return known->second;
        const Position end = end_in(options_.directory + "/" + record.folder());
        ends_.emplace(record.folder(), end);
        return end;
    }

    /// An admitted append. Never waits for an opening: what comes too early is answered later.
    void append(
        const api::CallContext& context, const model::AppendRequest& request, api::AppendDone done
    ) {
        const std::string_view name = context.name_space.empty() ? kDefault : context.name_space;
        if (!openings_.has_waiting(name)) {
            if (const std::shared_ptr<OpenNamespace> used = find_open(name))
                return submit(*used, context, request, std::move(done));
        }
        if (is_closing_.load(std::memory_order_acquire)) return done(shutting_down());
        if (const Result<NamespaceRecord> record = registry_->find(name); !record)
            return done(record.error());
        api::CallContext named = context;
        named.name_space = name;
        const auto held = std::make_shared<HeldAppend>(named, request, std::move(done));
        if (Status pushed = openings_.push(held); !pushed)
            held->done(std::move(pushed).take_error());
    }

    Status remove(std::string_view name) {
        if (name == kSystem || name == kDefault) {
            return Error(
                       ErrorCode::kNotPermitted,
                       "the namespace \"" + std::string(name) + "\" is always there"
            )
                .with("remedy", "Any other namespace can be deleted.")
                .with("namespace", name);
        }
        const std::lock_guard one_opening(opening_);
        ANNALS_TRY(const NamespaceRecord record, registry_->remove(name));
        ends_.erase(record.folder());
        std::shared_ptr<OpenNamespace> was_open;
        {
            const std::unique_lock lock(open_mutex_);
            const auto found = open_.find(name);
            if (found != open_.end()) {
                was_open = std::move(found->second);
                open_.erase(found);
            }
            closed_.erase(std::string(name));
        }
        if (!was_open)
            return options_.files->remove_all(options_.directory + "/" + record.folder());
        was_open->remove_when_unused();
        Status closed = was_open->close();
        was_open.reset();
        graveyard_->empty();
        return closed;
    }

    Status close() {
        {
            const std::lock_guard lock(keeper_mutex_);
            is_keeper_called_off_ = true;
            keeper_called_.notify_all();
        }
        keeper_.join();
        if (scavenger_) scavenger_->close();
        is_closing_.store(true, std::memory_order_release);
        openings_.stop();
        const std::lock_guard one_opening(opening_);
        std::map<std::string, std::shared_ptr<OpenNamespace>, std::less<>> open;
        {
            const std::unique_lock lock(open_mutex_);
            open.swap(open_);
        }
        Status status = ok();
        for (auto& [name, one] : open) {
            Status closed = one->close();
            if (status) status = std::move(closed);
        }
        open.clear();
        graveyard_->close();
        return status;
    }

    /// Seconds since the event was recorded with which the last `lag_events` begin.
    double age_of_oldest(commit::Orderer& orderer, std::uint64_t lag_events) const {
        const std::uint64_t end = orderer.visible_end().get().value;
        if (lag_events == 0 || lag_events > end) return 0;
        log::LogReader reader = orderer.log().reader();
        const Result<log::StoredEvent> first = reader.at(Position(end - lag_events + 1));
        if (!first) return 0;
        const TimeNs now = clock_.now();
        return std::max(0.0, static_cast<double>(now.value - first->recorded_time.value) / 1e9);
    }

    std::vector<NamespaceStatus> status() {
        std::vector<NamespaceStatus> all;
        const std::shared_lock lock(open_mutex_);
        for (const auto& [name, one] : open_) {
            NamespaceStatus status;
            status.name = name;
            status.visible_end = one->orderer().visible_end().get();
            const index::IndexStats index = one->orderer().index().stats();
            status.index_ingested = index.ingested.position;
            status.index_error = index.background_error;
            status.index_runs = index.runs;
            status.index_bytes = index.disk_bytes;
            status.index_add_waited_ns = index.add_waited_ns;
            status.read_only_reason = one->orderer().read_only_reason();
            const log::SegmentLog& log = one->orderer().log();
            const log::LogInfo info = log.info();
            status.log_segments = info.segments;
            status.log_bytes = info.bytes;
            add_damages(log, status);
            if (const commit::Orderer* system = one->opened_system_log())
                add_damages(system->log(), status);
            status.fill_failures = log.background_failures(log::BackgroundWork::kFill);
            status.seal_failures = log.background_failures(log::BackgroundWork::kSeal);
            const auto stats = one->hub().stats();
            status.subscriptions = stats.subscriptions;
            status.lag_events_max = stats.lag_events_max;
            status.lag_seconds_max = age_of_oldest(one->orderer(), stats.lag_events_max);
            status.clock = clock_report(*one);
            all.push_back(std::move(status));
        }
        return all;
    }

    [[nodiscard]] const std::string& version() const { return options_.version; }
    [[nodiscard]] TimeNs started() const { return started_; }
    [[nodiscard]] Registry& registry() { return *registry_; }
    [[nodiscard]] scavenge::Scavenger& scavenger() { return *scavenger_; }
    [[nodiscard]] const std::vector<std::string>& unknown_folders() const {
        return unknown_folders_;
    }

  private:
    // ---- scavenging ----

    Status start_scavenger() {
        records_.emplace(find_open(kSystem)->orderer());
        scavenger_ = std::make_unique<scavenge::Scavenger>(*this, options_.scavenge, clock_);
        ANNALS_TRY(const auto interrupted, records_->find_interrupted());
        if (!interrupted) return ok();
        is_resuming_.store(true);
        ANNALS_CHECK(scavenger_->start(interrupted->request, interrupted->is_paused));
        return ok();
    }

    std::vector<std::string> namespaces() override {
        std::vector<std::string> names{std::string(kSystem)};
        for (const NamespaceRecord& record : registry_->list()) names.push_back(record.name);
        return names;
    }

    Result<scavenge::NamespaceLogs> open(const std::string& name) override {
        scavenge::NamespaceLogs logs;
        ANNALS_TRY(std::shared_ptr<OpenNamespace> used, use(name));
        logs.events = &used->orderer();
        ANNALS_TRY(logs.system, used->find_system_log());
        logs.is_clock_in_doubt = used->is_clock_in_doubt();
        logs.held = std::move(used);
        return logs;
    }

    void on_clock_confirmed(const std::string& name) override {
        const std::shared_ptr<OpenNamespace> confirmed = glance_at(name);
        if (confirmed) confirmed->set_clock_in_doubt(false);
    }

    void on_started(const api::StartScavengeRequest& request, const api::ScavengeStatus& status)
        override {
        const bool is_resumed = is_resuming_.exchange(false);
        static_cast<void>(records_->add_going_on(request, status, is_resumed));
        if (options_.on_scavenge) options_.on_scavenge(status);
    }

    Status on_controlled(
        const api::StartScavengeRequest& request, const api::ScavengeStatus& status
    ) override {
        if (options_.on_scavenge) options_.on_scavenge(status);
        return records_->add_going_on(request, status, false);
    }

    void on_ended(const api::ScavengeStatus& status) override {
        static_cast<void>(records_->add_ended(status));
        if (options_.on_scavenge) options_.on_scavenge(status);
    }

    /// In the thread that opens.
    void submit_held(HeldAppend& held) {
        Result<std::shared_ptr<OpenNamespace>> used = use(held.context.name_space);
        if (!used) return held.done(std::move(used).take_error());
        submit(**used, held.context, held.request, std::move(held.done));
    }

    Result<std::shared_ptr<OpenNamespace>> open_in(std::string name, const std::string& directory) {
        ANNALS_TRY(
            std::unique_ptr<OpenNamespace> opened,
            OpenNamespace::open(options_, std::move(name), directory)
        );
        return Graveyard<OpenNamespace>::share(std::move(opened), graveyard_);
    }

    /// Removes what deletions in the log left behind, and finds folders that the log does not know.
    Status finish_deletions() {
        ANNALS_TRY(
            const std::vector<std::string> folders, options_.files->list(options_.directory)
        );
        const std::vector<NamespaceRecord> records = registry_->list();
        const std::vector<std::string>& deleted = registry_->deleted_folders();
        for (const std::string& folder : folders) {
            if (folder == kSystem) continue;
            if (std::find(deleted.begin(), deleted.end(), folder) != deleted.end()) {
                ANNALS_CHECK(options_.files->remove_all(options_.directory + "/" + folder));
                continue;
            }
            const bool is_known = std::any_of(
                records.begin(),
                records.end(),
                [&](const NamespaceRecord& record) { return record.folder() == folder; }
            );
            if (!is_known) unknown_folders_.push_back(folder);
        }
        return ok();
    }

    /// Of a namespace that is not open; writes nothing.
    Position end_in(const std::string& directory) const {
        const std::string events = directory + "/events";
        const Result<bool> is_there = options_.files->exists(events);
        if (!is_there || !*is_there) return Position(0);
        log::LogOptions options;
        options.is_read_only = true;
        log::RecoveryReport report;
        const auto opened = log::SegmentLog::open(*options_.files, events, options, report);
        return opened ? (*opened)->last_position() : Position(0);
    }

    // ---- what goes on by itself ----

    void keep() {
        std::unique_lock lock(keeper_mutex_);
        const std::chrono::nanoseconds every(options_.look_after_every_ns);
        while (!keeper_called_.wait_for(lock, every, [this] { return is_keeper_called_off_; })) {
            lock.unlock();
            look_after();
            lock.lock();
        }
    }

    /// Closes namespaces that nobody used for long. Under opening_: none of them is opened
    /// meanwhile.
    void close_idle() {
        const std::int64_t now_ns = clock_.monotonic_ns();
        const std::unique_lock lock(open_mutex_);
        std::erase_if(open_, [&](const auto& entry) {
            const auto& [name, one] = entry;
            const bool is_idle = name != kSystem && name != kDefault && one.use_count() == 1 &&
                                 one->last_used_ns() < now_ns - options_.idle_close_ns;
            if (is_idle) closed_[name] = {clock_.now(), now_ns, one->is_clock_in_doubt()};
            return is_idle;
        });
    }

    /// A namespace that this server closed was judged at its first opening: that nobody wrote for a
    /// week is no leap of the clock while the server runs.
    void judge_reopened(OpenNamespace& opened) {
        const std::unique_lock lock(open_mutex_);
        const auto found = closed_.find(opened.name());
        if (found == closed_.end()) return;
        const Closed& closed = found->second;
        const std::int64_t wall_ns = clock_.now().value - closed.time.value;
        const std::int64_t passed_ns = clock_.monotonic_ns() - closed.monotonic_ns;
        opened.set_clock_in_doubt(
            closed.is_clock_in_doubt || OpenNamespace::is_leap(wall_ns - passed_ns)
        );
        closed_.erase(found);
    }

    static ClockReport clock_report(OpenNamespace& one) {
        // Nothing in the server's own log goes for its age.
        const bool are_ages_held = one.is_clock_in_doubt() && one.name() != kSystem;
        return {one.name(), one.orderer().is_clock_distrusted(), are_ages_held};
    }

    /// Under opening_.
    void tell_of_clock(OpenNamespace& one) const {
        ClockReport& told = one.told_of_clock;
        told.name_space = one.name();
        ClockReport report = clock_report(one);
        if (report == told) return;
        told = std::move(report);
        if (options_.on_clock) options_.on_clock(told);
    }

    struct Closed {
        TimeNs time;
        std::int64_t monotonic_ns = 0;
        bool is_clock_in_doubt = false;
    };

    NamespacesOptions options_;
    const Clock& clock_;
    TimeNs started_;
    std::unique_ptr<Registry> registry_;
    std::unique_ptr<scavenge::Scavenger> scavenger_;
    std::vector<std::string> unknown_folders_;
    std::optional<ScavengeRecords> records_;
    std::atomic<bool> is_resuming_{false};
    std::mutex opening_;  ///< one opening or deletion at a time
    /// Under opening_: by folder, of namespaces that are not open and were asked for.
    std::map<std::string, Position, std::less<>> ends_;
    std::shared_mutex open_mutex_;
    std::map<std::string, std::shared_ptr<OpenNamespace>, std::less<>> open_;
    std::map<std::string, Closed, std::less<>> closed_;  ///< idle ones; at most all there are
    std::atomic<bool> is_closing_{false};
    std::shared_ptr<Graveyard<OpenNamespace>> graveyard_ =
        std::make_shared<Graveyard<OpenNamespace>>();
    OpeningQueue openings_{[this](HeldAppend& held) { submit_held(held); }};  // ends first
    std::mutex keeper_mutex_;
    std::condition_variable keeper_called_;
    bool is_keeper_called_off_ = false;
    runtime::Thread keeper_;  ///< close() ends it
};

Namespaces::Namespaces(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Namespaces::~Namespaces() { (void)impl_->close(); }

Result<std::unique_ptr<Namespaces>> Namespaces::open(NamespacesOptions options) {
    auto impl = std::make_unique<Impl>(std::move(options));
    ANNALS_CHECK(impl->start());
    return std::unique_ptr<Namespaces>(new Namespaces(std::move(impl)));
}

void Namespaces::append(
    const api::CallContext& context, const model::AppendRequest& request, api::AppendDone done
) {
    if (Status own = check_is_for_users(context.name_space); !own)
        return done(std::move(own).take_error());
    if (Status admitted = streams::admit(context, request); !admitted) {
        return done(std::move(admitted).take_error());
    }
    impl_->append(context, request, std::move(done));
}

Result<api::ReadPage> Namespaces::read(
    const api::CallContext& context, const api::ReadRequest& request
) {
    ANNALS_TRY(const std::shared_ptr<OpenNamespace> used, impl_->use(context.name_space));
    return used->reader().read(context, request);
}

std::optional<Result<api::ReadPage>> Namespaces::try_read(
    const api::CallContext& context, const api::ReadRequest& request
) {
    const std::shared_ptr<OpenNamespace> used = impl_->find_open(context.name_space);
    if (!used) return std::nullopt;
    return used->reader().try_read(context, request);
}

Result<std::unique_ptr<api::Subscription>> Namespaces::subscribe(
    const api::CallContext& context, const api::SubscribeRequest& request
) {
    ANNALS_TRY(std::shared_ptr<OpenNamespace> used, impl_->use(context.name_space));
    ANNALS_TRY(std::unique_ptr<api::Subscription> inner, used->hub().subscribe(request));
    return std::unique_ptr<api::Subscription>(
        std::make_unique<HeldSubscription>(std::move(used), std::move(inner))
    );
}

Result<api::ReadPage> Namespaces::get_event(const api::CallContext& context, const Uuid& id) {
    ANNALS_TRY(const std::shared_ptr<OpenNamespace> used, impl_->use(context.name_space));
    return used->reader().get_event(id);
}

Result<api::StreamList> Namespaces::list_streams(
    const api::CallContext& context, const api::ListRequest& request
) {
    ANNALS_TRY(const std::shared_ptr<OpenNamespace> used, impl_->use(context.name_space));
    return used->reader().list_streams(request);
}

Result<api::CategoryList> Namespaces::list_categories(
    const api::CallContext& context, const api::ListRequest& request
) {
    ANNALS_TRY(const std::shared_ptr<OpenNamespace> used, impl_->use(context.name_space));
    return used->reader().list_categories(request);
}

Result<api::StreamList> Namespaces::list_types(
    const api::CallContext& context, const api::ListRequest& request
) {
    ANNALS_TRY(const std::shared_ptr<OpenNamespace> used, impl_->use(context.name_space));
    return used->reader().list_types(request);
}

Result<api::StreamInfo> Namespaces::get_stream(
    const api::CallContext& context, std::string_view stream
) {
    ANNALS_TRY(const std::shared_ptr<OpenNamespace> used, impl_->use(context.name_space));
    return used->reader().get_stream(stream);
}

Result<api::StreamMetadataInfo> Namespaces::get_stream_metadata(
    const api::CallContext& context, const api::MetadataTarget& target
) {
    ANNALS_TRY(const std::shared_ptr<OpenNamespace> used, impl_->use(context.name_space));
    ANNALS_CHECK(streams::subject_of_target(context, target));
    return used->reader().get_metadata(target);
}

Result<api::LifeResponse> Namespaces::set_stream_metadata(
    const api::CallContext& context, const api::SetMetadataRequest& request
) {
    ANNALS_CHECK(check_is_for_users(context.name_space));
    ANNALS_TRY(const std::shared_ptr<OpenNamespace> used, impl_->use(context.name_space));
    return used->changes().set_metadata(context, request);
}

Result<api::LifeResponse> Namespaces::delete_stream(
    const api::CallContext& context, const api::DeleteStreamRequest& request
) {
    ANNALS_CHECK(check_is_for_users(context.name_space));
    ANNALS_TRY(const std::shared_ptr<OpenNamespace> used, impl_->use(context.name_space));
    return used->changes().remove(context, request);
}

Result<api::LifeResponse> Namespaces::tombstone_stream(
    const api::CallContext& context, const api::DeleteStreamRequest& request
) {
    ANNALS_CHECK(check_is_for_users(context.name_space));
    ANNALS_TRY(const std::shared_ptr<OpenNamespace> used, impl_->use(context.name_space));
    return used->changes().tombstone(context, request);
}

Result<api::LifeResponse> Namespaces::truncate_stream(
    const api::CallContext& context, const api::TruncateStreamRequest& request
) {
    ANNALS_CHECK(check_is_for_users(context.name_space));
    ANNALS_TRY(const std::shared_ptr<OpenNamespace> used, impl_->use(context.name_space));
    return used->changes().truncate(context, request);
}

Status Namespaces::store_snapshot(const api::CallContext& context, const api::Snapshot& snapshot) {
    ANNALS_TRY(const std::shared_ptr<OpenNamespace> used, impl_->use(context.name_space));
    ANNALS_TRY(commit::Orderer* const system, used->system_log());
    return streams::Snapshots({used->orderer(), used->reader(), *system}).store(context, snapshot);
}

Result<std::optional<api::Snapshot>> Namespaces::load_snapshot(
    const api::CallContext& context, const api::LoadSnapshotRequest& request
) {
    ANNALS_TRY(const std::shared_ptr<OpenNamespace> used, impl_->use(context.name_space));
    ANNALS_TRY(commit::Orderer* const system, used->system_log());
    return streams::Snapshots({used->orderer(), used->reader(), *system}).load(request);
}

Result<std::vector<api::SnapshotSummary>> Namespaces::list_snapshots(
    const api::CallContext& context, const api::SnapshotSelection& selection
) {
    ANNALS_TRY(const std::shared_ptr<OpenNamespace> used, impl_->use(context.name_space));
    ANNALS_TRY(commit::Orderer* const system, used->system_log());
    return streams::Snapshots({used->orderer(), used->reader(), *system}).list(selection);
}

Result<std::uint64_t> Namespaces::delete_snapshots(
    const api::CallContext& context, const api::SnapshotSelection& selection
) {
    ANNALS_TRY(const std::shared_ptr<OpenNamespace> used, impl_->use(context.name_space));
    ANNALS_TRY(commit::Orderer* const system, used->system_log());
    return streams::Snapshots({used->orderer(), used->reader(), *system})
        .remove(context, selection);
}

Result<api::ScavengeStatus> Namespaces::start_scavenge(
    const api::CallContext& context, const api::StartScavengeRequest& request
) {
    (void)context;
    // What does not exist is said at once.
    if (!request.name_space.empty()) ANNALS_CHECK(impl_->use(request.name_space));
    return impl_->scavenger().start(request);
}

Result<api::ScavengeStatus> Namespaces::get_scavenge(const api::CallContext& context) {
    (void)context;
    return impl_->scavenger().status();
}

Result<api::ScavengeStatus> Namespaces::control_scavenge(
    const api::CallContext& context, api::ScavengeCommand command
) {
    (void)context;
    return impl_->scavenger().control(command);
}

Result<api::NamespaceInfo> Namespaces::create_namespace(
    const api::CallContext& context, std::string_view name
) {
    (void)context;
    ANNALS_CHECK(model::check_namespace_name(name));
    if (model::is_system_name(name)) {
        return Error(ErrorCode::kNamespaceExists, "the namespace $system is there from the start")
            .with("namespace", name);
    }
    ANNALS_TRY(const NamespaceRecord record, impl_->registry().create(name));
    return api::NamespaceInfo{record.name, record.created_time, Position(0)};
}

Result<std::vector<api::NamespaceInfo>> Namespaces::list_namespaces(const api::CallContext& context
) {
    (void)context;
    std::vector<api::NamespaceInfo> all;
    for (const NamespaceRecord& record : impl_->registry().list()) {
        all.push_back({record.name, record.created_time, impl_->last_position(record)});
    }
    return all;
}

Status Namespaces::delete_namespace(const api::CallContext& context, std::string_view name) {
    (void)context;
    return impl_->remove(name);
}

Result<api::ServerInfo> Namespaces::info(const api::CallContext& context) {
    ANNALS_TRY(const std::shared_ptr<OpenNamespace> used, impl_->use(context.name_space));
    commit::Orderer& orderer = used->orderer();
    const log::LogInfo log_info = orderer.log().info();
    api::ServerInfo info;
    info.version = impl_->version();
    info.log_id = log_info.identity.log_id.to_string();
    info.incarnation = log_info.identity.incarnation;
    info.last_position = orderer.visible_end().get();
    ANNALS_TRY(const std::uint32_t chain_bits, orderer.log().chain_bits_at(info.last_position));
    info.position = model::format_token(
        model::make_token(log_info.identity, info.last_position, chain_bits)
    );
    info.durability = orderer.durability();
    info.read_only_reason = orderer.read_only_reason();
    info.is_read_only = !info.read_only_reason.empty();
    info.started_time = impl_->started();
    info.log_bytes = log_info.bytes;
    info.index_position = orderer.index().ingested().position;
    return info;
}

Result<std::shared_ptr<commit::Orderer>> Namespaces::events_log(std::string_view name) {
    ANNALS_TRY(std::shared_ptr<OpenNamespace> used, impl_->use(name));
    commit::Orderer* const events = &used->orderer();
    return std::shared_ptr<commit::Orderer>(std::move(used), events);
}

Result<std::shared_ptr<commit::Orderer>> Namespaces::system_log(std::string_view name) {
    ANNALS_TRY(std::shared_ptr<OpenNamespace> used, impl_->use(name));
    ANNALS_TRY(commit::Orderer* const system, used->system_log());
    return std::shared_ptr<commit::Orderer>(std::move(used), system);
}

Result<std::vector<std::string>> Namespaces::with_system_log() { return impl_->with_system_log(); }

std::vector<NamespaceStatus> Namespaces::status() const { return impl_->status(); }

scavenge::ScavengeCounts Namespaces::scavenge_counts() const { return impl_->scavenger().counts(); }

void Namespaces::look_after() { impl_->look_after(); }

void Namespaces::wait_for_scavenge() { impl_->scavenger().wait(); }

const std::vector<std::string>& Namespaces::unknown_folders() const {
    return impl_->unknown_folders();
}

Status Namespaces::close() { return impl_->close(); }

}  // namespace annals::namespaces
