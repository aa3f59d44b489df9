// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/node/node.hpp"

#include <atomic>
#include <chrono>
#include <mutex>
#include <utility>

#include "annals/consumers/consumer_store.hpp"
#include "annals/dialect_eskit/consumer_service.hpp"
#include "annals/dialect_eskit/crud_service.hpp"
#include "annals/dialect_eskit/event_store_service.hpp"
#include "annals/dialect_eskit/series.hpp"
#include "annals/entities/entity_store.hpp"
#include "annals/entities/read_model.hpp"
#include "annals/entity_door/entity_service.hpp"
#include "annals/groups/consumer_groups.hpp"
#include "annals/grpc_door/consumer_groups_service.hpp"
#include "annals/grpc_door/consumer_store_service.hpp"
#include "annals/grpc_door/grpc_door.hpp"
#include "annals/http_door/http_door.hpp"
#include "annals/index/index.hpp"
#include "annals/log/file_system.hpp"
#include "annals/namespaces/namespaces.hpp"
#include "annals/order_local/local_orderer.hpp"
#include "annals/telemetry/logging.hpp"

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
    start.index_fed_events = report.index_fed_events;
    start.read_only_reason = report.recovery.read_only_reason;
    for (const log::Damage& damage : report.recovery.damages) {
        start.damages.push_back(
            "segment " + damage.segment + ", byte " + std::to_string(damage.offset) + ": " +
            damage.what
        );
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

log::LogOptions log_options(const config::ServerSettings& settings, namespaces::LogKind kind) {
    log::LogOptions options;
    options.segment_bytes = settings.log_segment_bytes;
    options.compression = settings.log_compression == config::Compression::kZstd
                              ? log::Compression::kZstd
                              : log::Compression::kNone;
    options.accept_damage = settings.accepts_damage;
    options.has_tree = kind == namespaces::LogKind::kEvents;
    return options;
}

}  // namespace

class Node::Impl {
  public:
    Impl(config::ServerSettings settings, StartProgress progress)
        : settings_(std::move(settings)),
          progress_(std::move(progress)),
          index_memory_(settings_.index_memory_bytes) {}

    Status start() {
        ANNALS_CHECK(open_folder());
        // Before the logs: whoever asks for readiness during a long recovery hears "not yet".
        ANNALS_CHECK(open_http());
        ANNALS_CHECK(open_namespaces());
        open_entities();
        ANNALS_CHECK(open_grpc());
        http_->open_store(*namespaces_, consumers_.get(), groups_.get(), entities_.get());
        phase_.store(Phase::kServing, std::memory_order_release);
        grpc_->set_serving(true);
        return ok();
    }

    Status open_offline() {
        ANNALS_CHECK(open_folder());
        return open_namespaces();
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
        if (groups_) groups_->close();
        if (namespaces_) {
            Status closed = namespaces_->close();
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
        // The doors call into the namespaces: they go first.
        http_.reset();
        grpc_.reset();
        eskit_.reset();
        entity_service_.reset();
        eskit_crud_.reset();
        eskit_consumers_.reset();
        eskit_series_.reset();
        consumer_service_.reset();
        consumers_.reset();
        group_service_.reset();
        groups_.reset();
        entities_.reset();
        entity_model_.reset();
        namespaces_.reset();
    }

    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    config::ServerSettings settings_;
    std::unique_ptr<namespaces::Namespaces> namespaces_;
    std::unique_ptr<entities::ReadModel> entity_model_;  ///< null: lists fold
    std::unique_ptr<entities::EntityStore> entities_;
    std::unique_ptr<grpc_door::GrpcDoor> grpc_;
    std::unique_ptr<http_door::HttpDoor> http_;

    std::vector<LogStart> logs() {
        const std::lock_guard lock(logs_mutex_);
        return logs_;
    }

  private:
    Status open_folder() {
        if (settings_.is_memory) {
            memory_files_ = log::make_memory_file_system();
            files_ = memory_files_.get();
            return ok();
        }
        files_ = &log::disk_file_system();
        ANNALS_CHECK(files_->create_directories(settings_.data_directory));
        ANNALS_TRY(lock_, files_->lock(settings_.data_directory));
        return ok();
    }

    Status open_namespaces() {
        namespaces::NamespacesOptions options;
        options.directory = settings_.is_memory ? "memory"
                                                : settings_.data_directory + "/namespaces";
        options.files = files_;
        options.version = program_version();
        options.open_orderer =
            [this](
                const std::string& name, const std::string& directory, namespaces::LogKind kind
            ) { return open_log(name, directory, kind); };
        options.scavenge.interval_ns = settings_.scavenge_interval_ns;
        options.scavenge.from_minute = settings_.scavenge_from_minute;
        options.scavenge.to_minute = settings_.scavenge_to_minute;
        options.scavenge.dead_percent_min = settings_.scavenge_dead_percent;
        options.scavenge.throttle_bytes_per_s = settings_.scavenge_throttle_bytes_per_s;
        options.scavenge.keep_stubs_ns = settings_.scavenge_keep_stubs_ns;
        options.on_scavenge = write_scavenge_to_log;
        ANNALS_TRY(namespaces_, namespaces::Namespaces::open(std::move(options)));
        for (const std::string& folder : namespaces_->unknown_folders()) {
            telemetry::log_warning("unknown folder left alone", {{"folder", folder}});
        }
        return ok();
    }

    Result<std::unique_ptr<commit::Orderer>> open_log(
        const std::string& name, const std::string& directory, namespaces::LogKind kind
    ) {
        order_local::OrdererOptions options;
        options.log = log_options(settings_, kind);
        options.log.on_background_failure = [name](log::BackgroundWork work, const Error& error) {
            const bool is_seal = work == log::BackgroundWork::kSeal;
            telemetry::log_error(
                is_seal ? "a full segment could not be sealed"
                        : "the log could not be filled ahead",
                {{"log", name}, {"error", error.to_string()}}
            );
        };
        options.index.is_in_memory = settings_.is_memory;
        options.durability.interval_ns = settings_.durability.interval_ns;
        options.metrics = append_metrics(name, kind);
        order_local::OpenReport report;
        const order_local::FeedProgress feed = [&](std::uint64_t done, std::uint64_t total) {
            if (progress_) progress_(name, done, total);
        };
        ANNALS_TRY(
            std::unique_ptr<commit::Orderer> opened,
            order_local::open_local_orderer(
                *files_, directory, options, index_memory_, report, feed
            )
        );
        const LogStart start = start_of(name, report);
        write_to_log(start);
        const std::lock_guard lock(logs_mutex_);
        logs_.push_back(start);
        return opened;
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

    /// One for all doors: they share what it remembers of entities.
    void open_entities() {
        open_entity_model();
        entities_ = std::make_unique<entities::EntityStore>(*namespaces_, entity_model_.get());
    }

    /// Without it lists of entities fold, which is no reason not to start.
    void open_entity_model() {
        entities::ReadModelOptions options;
        options.is_in_memory = settings_.is_memory;
        options.directory = settings_.data_directory + "/entity-model";
        auto opened = entities::ReadModel::open(*namespaces_, options);
        if (opened) {
            entity_model_ = std::move(*opened);
            return;
        }
        telemetry::log_warning(
            "lists of entities go without their read model",
            {{"folder", options.directory}, {"error", opened.error().to_string()}}
        );
    }

    Status open_grpc() {
        grpc_door::GrpcDoorOptions options;
        options.address = config::to_string(settings_.grpc);
        options.observer = &metrics_;
        dialect_eskit::EventStoreServiceOptions eskit;
        eskit.name_space = settings_.eskit_namespace;
        eskit_ = dialect_eskit::make_event_store_service(*namespaces_, eskit);
        entity_door::EntityServiceOptions entities;
        entities.metrics = &metrics_.registry();
        entity_service_ = entity_door::make_entity_service(*namespaces_, *entities_, entities);
        consumers_ = consumers::make_consumer_store(*namespaces_);
        consumer_service_ = grpc_door::make_consumer_store_service(*consumers_);
        eskit_consumers_ = dialect_eskit::make_consumer_service(
            *consumers_, {settings_.eskit_namespace, &metrics_.registry()}
        );
        eskit_series_ = std::make_unique<dialect_eskit::Series>(
            *namespaces_, *consumers_, settings_.eskit_namespace
        );
        dialect_eskit::CrudServiceOptions eskit_crud;
        eskit_crud.name_space = settings_.eskit_namespace;
        eskit_crud_ = dialect_eskit::make_crud_service(*namespaces_, eskit_crud);
        groups_ = groups::make_consumer_groups(*namespaces_);
        group_service_ = grpc_door::make_consumer_groups_service(*groups_);
        const std::vector<grpc_door::RpcService*> services = {
            eskit_.get(),
            eskit_crud_.get(),
            eskit_consumers_.get(),
            consumer_service_.get(),
            group_service_.get(),
            entity_service_.get()
        };
        ANNALS_TRY(grpc_, grpc_door::GrpcDoor::start(*namespaces_, options, services));
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
        for (const namespaces::NamespaceStatus& status : namespaces_->status()) {
            if (!status.read_only_reason.empty()) {
                return {true, "read-only", status.name + ": " + status.read_only_reason};
            }
        }
        if (auto late = groups_->late_group()) return {false, "late", *late};
        return {true, "serving", ""};
    }

    std::string metrics_text() {
        const bool is_open = phase_.load(std::memory_order_acquire) != Phase::kRecovering;
        const bool is_serving = phase_.load(std::memory_order_acquire) == Phase::kServing;
        telemetry::Scrape scrape;
        if (is_open) {
            add_namespaces(namespaces_->status(), scrape);
            add_scavenges(namespaces_->scavenge_counts(), scrape);
            add_index_memory(index_memory_, scrape);
            if (!settings_.is_memory) add_disk(settings_.data_directory, scrape);
        }
        if (is_serving) {
            add_groups(groups_->gauges(), scrape);
            eskit_series_->add(scrape);
        }
        return metrics_.expose(scrape);
    }

    enum class Phase : std::uint8_t { kRecovering, kServing, kDraining };

    StartProgress progress_;
    std::unique_ptr<log::FileSystem> memory_files_;
    log::FileSystem* files_ = nullptr;
    std::unique_ptr<log::DirectoryLock> lock_;
    index::IndexMemory index_memory_;
    std::mutex logs_mutex_;
    std::vector<LogStart> logs_;
    ServerMetrics metrics_;
    std::unique_ptr<grpc_door::RpcService> eskit_;
    std::unique_ptr<grpc_door::RpcService> entity_service_;
    std::unique_ptr<api::ConsumerStore> consumers_;
    std::unique_ptr<grpc_door::RpcService> consumer_service_;
    std::unique_ptr<groups::DirectConsumerGroups> groups_;
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

api::EventStore& Node::store() { return *impl_->namespaces_; }

int Node::grpc_port() const { return impl_->grpc_->port(); }

int Node::http_port() const { return impl_->http_->port(); }

std::vector<LogStart> Node::logs() const { return impl_->logs(); }

std::vector<std::string> Node::unknown_folders() const {
    return impl_->namespaces_->unknown_folders();
}

Status Node::stop() { return impl_->stop(); }

}  // namespace annals::node
