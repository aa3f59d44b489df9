// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/node/node.hpp"

#include <atomic>
#include <chrono>
#include <mutex>
#include <utility>

#include "annals/dialect_eskit/consumer_service.hpp"
#include "annals/dialect_eskit/crud_service.hpp"
#include "annals/dialect_eskit/event_store_service.hpp"
#include "annals/dialect_eskit/series.hpp"
#include "annals/entity_door/entity_service.hpp"
#include "annals/grpc_door/consumer_groups_service.hpp"
#include "annals/grpc_door/consumer_store_service.hpp"
#include "annals/grpc_door/grpc_door.hpp"
#include "annals/http_door/http_door.hpp"
#include "annals/local_store/local_store.hpp"
#include "annals/telemetry/logging.hpp"
#include "annals/telemetry/repeats.hpp"

#include "looked_up_metrics.hpp"
#include "server_metrics.hpp"

namespace annals::node {
namespace {

LogStart start_of(const std::string& name, const order_local::OpenReport& report) {
    LogStart start;
    start.name = name;
    start.events = report.recovery.last_position.value;
    start.was_clean = report.recovery.was_clean;
    start.cut_groups = report.recovery.cut_groups;
    start.cut_bytes = report.recovery.cut_bytes;
    start.rewritten_groups = report.recovery.rewritten_groups;
    start.index_discarded = report.index_discarded;
    start.index_in_memory = report.index_in_memory;
    start.index_fed_events = report.index_fed_events;
    start.index_lost_events = report.index_lost_events;
    start.index_unplaced_events = report.index_unplaced_events;
    start.read_only_reason = report.recovery.read_only_reason;
    for (const log::Damage& damage : report.recovery.damages) {
        start.damages.push_back(log::to_string(damage));
    }
    return start;
}

void write_to_log(const LogStart& start) {
    telemetry::log_info(
        "log opened",
        {{"log", start.name},
         {"events", start.events},
         {"was_clean", start.was_clean},
         {"cut_groups", start.cut_groups},
         {"cut_bytes", start.cut_bytes},
         {"rewritten_groups", start.rewritten_groups},
         {"index_fed_events", start.index_fed_events}}
    );
    if (!start.index_discarded.empty()) {
        telemetry::log_warning(
            "index rebuilt", {{"log", start.name}, {"reason", start.index_discarded}}
        );
    }
    if (!start.index_in_memory.empty()) {
        telemetry::log_warning(
            "the disk is full: the index is in memory until the next start, appends fail until "
            "there is room",
            {{"log", start.name}, {"error", start.index_in_memory}}
        );
    }
    if (start.index_lost_events != 0) {
        telemetry::log_error(
            "the index passed over events that were lost to damage",
            {{"log", start.name}, {"events", start.index_lost_events}}
        );
    }
    if (start.index_unplaced_events != 0) {
        telemetry::log_error(
            "lost events may have been the last of their streams, whose revisions are then given "
            "again: restore the log, or accept it",
            {{"log", start.name}, {"events", start.index_unplaced_events}}
        );
    }
    for (const std::string& damage : start.damages) {
        telemetry::log_error("stored bytes are damaged", {{"log", start.name}, {"place", damage}});
    }
    if (!start.read_only_reason.empty()) {
        telemetry::log_error(
            "log is read-only", {{"log", start.name}, {"reason", start.read_only_reason}}
        );
    }
}

void write_scavenge_to_log(const api::ScavengeStatus& status) {
    if (status.state == api::ScavengeState::kRunning) {
        telemetry::log_info(
            "scavenge began", {{"scavenge", status.id}, {"dry_run", status.is_dry_run}}
        );
        return;
    }
    if (!status.ages_held_in.empty()) {
        telemetry::log_warning(
            "the clock had leapt: events were not removed for their age; look at the clock, then "
            "annals store scavenge --confirm-clock",
            {{"scavenge", status.id}, {"namespace", status.ages_held_in}}
        );
    }
    if (status.state == api::ScavengeState::kFailed) {
        telemetry::log_error(
            "scavenge failed",
            {{"scavenge", status.id}, {"namespace", status.name_space}, {"error", status.error}}
        );
        return;
    }
    telemetry::log_info(
        "scavenge ended",
        {{"scavenge", status.id},
         {"state", api::to_string(status.state)},
         {"segments", status.segments_done},
         {"rewritten_segments", status.rewritten_segments},
         {"removed_events", status.removed_events},
         {"freed_bytes", status.freed_bytes}}
    );
}

void write_clock_to_log(const namespaces::ClockReport& report) {
    const telemetry::LogFields fields = {{"namespace", report.name_space}};
    if (report.is_distrusted) {
        telemetry::log_warning(
            "the clock was turned by over an hour: it is not used until it is back, or the server "
            "starts anew; look at the clock",
            fields
        );
    }
    if (report.are_ages_held) {
        telemetry::log_warning(
            "clock and last event are over seven days apart: no event goes for its age; look at "
            "the clock, then annals store scavenge --confirm-clock",
            fields
        );
    }
    if (!report.is_distrusted && !report.are_ages_held) {
        telemetry::log_info("the clock is trusted again", fields);
    }
}

}  // namespace

class Node::Impl {
  public:
    Impl(config::ServerSettings settings, StartProgress progress)
        : settings_(std::move(settings)), progress_(std::move(progress)) {}

    Status start() {
        ANNALS_CHECK(open_store());
        // Before the logs: whoever asks for readiness during a long recovery hears "not yet".
        ANNALS_CHECK(open_http());
        ANNALS_CHECK(recover(*store_));
        store_->open_services();
        ANNALS_CHECK(open_grpc());
        http_->open_store(
            store_->events(), &store_->consumers(), &store_->groups(), &store_->entities()
        );
        phase_.store(Phase::kServing, std::memory_order_release);
        grpc_->set_serving(true);
        return ok();
    }

    Status open_offline() {
        ANNALS_CHECK(open_store());
        return recover(*store_);
    }

    /// The reverse of start(): no new calls, running ones finish, logs are closed, the folder is
    /// given up.
    Status stop() {
        if (is_stopped_) return ok();
        is_stopped_ = true;
        const Phase before = phase_.exchange(Phase::kDraining, std::memory_order_acq_rel);
        // Started half: what is there goes, in the same order.
        if (before == Phase::kRecovering) phase_.store(before, std::memory_order_release);
        Status status = ok();
        const auto drain = std::chrono::milliseconds(settings_.drain_timeout_ns / 1'000'000);
        if (grpc_) {
            grpc_->set_serving(false);
            status = grpc_->stop(drain);
        }
        // Health still answers; what needs the store ends before the store does.
        if (http_) http_->close_store();
        if (store_) {
            Status closed = close(*store_);
            if (status) status = std::move(closed);
        }
        if (http_) {
            Status stopped = http_->stop(std::chrono::milliseconds(1'000));
            if (status) status = std::move(stopped);
        }
        return status;
    }

    ~Impl() {
        (void)stop();
        // The doors call into the store: they go first.
        http_.reset();
        grpc_.reset();
        eskit_.reset();
        entity_service_.reset();
        eskit_crud_.reset();
        eskit_consumers_.reset();
        eskit_series_.reset();
        consumer_service_.reset();
        group_service_.reset();
        store_.reset();
    }

    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    [[nodiscard]] namespaces::Namespaces& events() { return store_->events(); }
    [[nodiscard]] int grpc_port() const { return grpc_->port(); }
    [[nodiscard]] int http_port() const { return http_->port(); }

    std::vector<LogStart> logs() {
        const std::lock_guard lock(logs_mutex_);
        return logs_;
    }

  private:
    /// A full disk takes no note of the end; all that was answered lies in the log.
    static Status close(local_store::LocalStore& store) {
        Status closed = store.close();
        if (closed || closed.error().code() != ErrorCode::kDiskFull) return closed;
        telemetry::log_warning(
            "stopped on a full disk: nothing is lost, the next start reads the ends of the logs "
            "again",
            {{"error", closed.error().to_string()}}
        );
        return ok();
    }

    Status open_store() {
        local_store::Observer observer;
        observer.opened = [this](const std::string& name, const order_local::OpenReport& report) {
            const LogStart start = start_of(name, report);
            write_to_log(start);
            const std::lock_guard lock(logs_mutex_);
            logs_.push_back(start);
        };
        observer.feeding = progress_;
        observer.failed = [this](
                              const std::string& name, log::BackgroundWork work, const Error& error
                          ) { tell_of_failure(name, work, error); };
        observer.damaged = [](const std::string& name, const log::Damage& damage) {
            telemetry::log_error(
                "stored bytes are damaged", {{"log", name}, {"place", log::to_string(damage)}}
            );
        };
        observer.scavenged = write_scavenge_to_log;
        observer.clock = write_clock_to_log;
        observer.without_model = [](const std::string& directory, const Error& error) {
            telemetry::log_warning(
                "lists of entities go without their read model",
                {{"folder", directory}, {"error", error.to_string()}}
            );
        };
        observer.metrics = [this](const std::string& name, namespaces::LogKind kind) {
            return append_metrics(name, kind);
        };
        ANNALS_TRY(
            store_, local_store::LocalStore::open(settings_, program_version(), std::move(observer))
        );
        return ok();
    }

    /// A full disk is met by each append; annals_log_background_failures_total counts all of it.
    void tell_of_failure(const std::string& name, log::BackgroundWork work, const Error& error) {
        const bool is_seal = work == log::BackgroundWork::kSeal;
        const std::string_view what = is_seal ? "a full segment could not be sealed"
                                              : "the log could not be filled ahead";
        const std::string key = std::string(what) + ": " + name;
        const auto held_back = failures_.let_through(key, system_clock().monotonic_ns());
        if (!held_back) return;
        telemetry::log_error(
            what,
            {{"log", name}, {"error", error.to_string()}, {"not_told_since_the_last", *held_back}}
        );
    }

    static Status recover(local_store::LocalStore& store) {
        ANNALS_CHECK(store.recover());
        for (const std::string& folder : store.events().unknown_folders()) {
            telemetry::log_warning("unknown folder left alone", {{"folder", folder}});
        }
        return ok();
    }

    /// `name`: of the namespace, and "/system" for the log beside its events.
    std::shared_ptr<order_local::AppendMetrics> append_metrics(
        const std::string& name, namespaces::LogKind kind
    ) {
        const bool is_events = kind == namespaces::LogKind::kEvents;
        return std::make_shared<order_local::AppendMetrics>(
            metrics_.registry(), name.substr(0, name.find('/')), is_events ? "events" : "system"
        );
    }

    Status open_http() {
        http_door::HttpDoorOptions options;
        options.host = settings_.http.host;
        options.port = settings_.http.port;
        options.origins = settings_.http_origins;
        options.metrics = &metrics_.registry();
        http_door::HttpHandlers handlers;
        handlers.readiness = [this] { return readiness(); };
        handlers.metrics_text = [this] { return metrics_text(); };
        handlers.version = {program_version(), "", ""};
        ANNALS_TRY(http_, http_door::HttpDoor::start(std::move(options), std::move(handlers)));
        return ok();
    }

    Status open_grpc() {
        grpc_door::GrpcDoorOptions options;
        options.address = config::to_string(settings_.grpc);
        options.observer = &metrics_;
        dialect_eskit::EventStoreServiceOptions eskit;
        eskit.name_space = settings_.eskit_namespace;
        eskit_ = dialect_eskit::make_event_store_service(store_->events(), eskit);
        entity_door::EntityServiceOptions entities;
        entities.metrics = &metrics_.registry();
        entity_service_ = entity_door::make_entity_service(
            store_->events(), store_->entities(), entities
        );
        consumer_service_ = grpc_door::make_consumer_store_service(store_->consumers());
        eskit_consumers_ = dialect_eskit::make_consumer_service(
            store_->consumers(), {settings_.eskit_namespace, &metrics_.registry()}
        );
        eskit_series_ = std::make_unique<dialect_eskit::Series>(
            store_->events(), store_->consumers(), settings_.eskit_namespace
        );
        dialect_eskit::CrudServiceOptions eskit_crud;
        eskit_crud.name_space = settings_.eskit_namespace;
        eskit_crud_ = dialect_eskit::make_crud_service(store_->events(), eskit_crud);
        group_service_ = grpc_door::make_consumer_groups_service(store_->groups());
        const std::vector<grpc_door::RpcService*> services = {
            eskit_.get(),
            eskit_crud_.get(),
            eskit_consumers_.get(),
            consumer_service_.get(),
            group_service_.get(),
            entity_service_.get()
        };
        ANNALS_TRY(grpc_, grpc_door::GrpcDoor::start(store_->events(), options, services));
        return ok();
    }

    /// Able to serve: reads work, also where appends are refused.
    http_door::Readiness readiness() const {
        switch (phase_.load(std::memory_order_acquire)) {
            case Phase::kRecovering:
                return {false, "recovering", "The logs are being opened; wait until they are."};
            case Phase::kDraining:
                return {false, "draining", "The server is stopping; use another one."};
            case Phase::kServing:
                break;
        }
        const std::vector<namespaces::NamespaceStatus> statuses = store_->events().status();
        for (const namespaces::NamespaceStatus& status : statuses) {
            if (!status.read_only_reason.empty()) {
                return {true, "read-only", status.name + ": " + status.read_only_reason};
            }
        }
        for (const namespaces::NamespaceStatus& status : statuses) {
            if (status.log_damages != 0)
                return {true, "damaged", status.name + ": " + status.log_damage};
        }
        if (auto late = store_->groups().late_group()) return {false, "late", *late};
        return {true, "serving", ""};
    }

    std::string metrics_text() {
        const bool is_open = phase_.load(std::memory_order_acquire) != Phase::kRecovering;
        const bool is_serving = phase_.load(std::memory_order_acquire) == Phase::kServing;
        telemetry::Scrape scrape;
        if (is_open) {
            add_namespaces(store_->events().status(), scrape);
            add_scavenges(store_->events().scavenge_counts(), scrape);
            add_index_memory(store_->index_memory(), scrape);
            if (!settings_.is_memory) add_disk(settings_.data_directory, scrape);
        }
        if (is_serving) {
            add_groups(store_->groups().gauges(), scrape);
            eskit_series_->add(scrape);
        }
        return metrics_.expose(scrape);
    }

    enum class Phase : std::uint8_t { kRecovering, kServing, kDraining };

    /// Like failures of one log are told so often.
    static constexpr std::int64_t kFailuresEveryNs = 60'000'000'000;

    config::ServerSettings settings_;
    std::unique_ptr<local_store::LocalStore> store_;
    std::unique_ptr<grpc_door::GrpcDoor> grpc_;
    std::unique_ptr<http_door::HttpDoor> http_;
    StartProgress progress_;
    telemetry::Repeats failures_{kFailuresEveryNs};
    std::mutex logs_mutex_;
    std::vector<LogStart> logs_;
    ServerMetrics metrics_;
    std::unique_ptr<grpc_door::RpcService> eskit_;
    std::unique_ptr<grpc_door::RpcService> entity_service_;
    std::unique_ptr<grpc_door::RpcService> consumer_service_;
    std::unique_ptr<grpc_door::RpcService> group_service_;
    std::unique_ptr<grpc_door::RpcService> eskit_consumers_;
    std::unique_ptr<dialect_eskit::Series> eskit_series_;
    std::unique_ptr<grpc_door::RpcService> eskit_crud_;
    std::atomic<Phase> phase_{Phase::kRecovering};
    bool is_stopped_ = false;
};

Node::Node(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Node::~Node() = default;

Result<std::unique_ptr<Node>> Node::start(
    const config::ServerSettings& settings, const StartProgress& progress
) {
    auto impl = std::make_unique<Impl>(settings, progress);
    ANNALS_CHECK(impl->start());
    return std::unique_ptr<Node>(new Node(std::move(impl)));
}

Result<std::unique_ptr<Node>> Node::open_offline(const config::ServerSettings& settings) {
    auto impl = std::make_unique<Impl>(settings, StartProgress());
    ANNALS_CHECK(impl->open_offline());
    return std::unique_ptr<Node>(new Node(std::move(impl)));
}

api::EventStore& Node::store() { return impl_->events(); }

int Node::grpc_port() const { return impl_->grpc_port(); }

int Node::http_port() const { return impl_->http_port(); }

std::vector<LogStart> Node::logs() const { return impl_->logs(); }

std::vector<std::string> Node::unknown_folders() const { return impl_->events().unknown_folders(); }

Status Node::stop() { return impl_->stop(); }

}  // namespace annals::node
