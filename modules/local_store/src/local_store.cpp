// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/local_store/local_store.hpp"

#include <utility>

#include "annals/consumers/consumer_store.hpp"
#include "annals/entities/read_model.hpp"
#include "annals/index/index.hpp"
#include "annals/log/file_system.hpp"

namespace annals::local_store {
namespace {

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

class LocalStore::Impl {
  public:
    Impl(config::ServerSettings settings, std::string version, Observer observer)
        : settings_(std::move(settings)),
          version_(std::move(version)),
          observer_(std::move(observer)),
          index_memory_(settings_.index_memory_bytes) {}
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl() { (void)close(); }

    void open_services() {
        open_entity_model();
        entities_ = std::make_unique<entities::EntityStore>(*namespaces_, entity_model_.get());
        consumers_ = consumers::make_consumer_store(*namespaces_);
        groups_ = groups::make_consumer_groups(*namespaces_);
    }

    // NOLINTNEXTLINE(readability-make-member-function-const): nothing is open afterwards
    Status close() {
        if (groups_) groups_->close();
        return namespaces_ ? namespaces_->close() : ok();
    }

    [[nodiscard]] namespaces::Namespaces& events() { return *namespaces_; }
    [[nodiscard]] entities::EntityStore& entities() { return *entities_; }
    [[nodiscard]] api::ConsumerStore& consumers() { return *consumers_; }
    [[nodiscard]] groups::DirectConsumerGroups& groups() { return *groups_; }
    [[nodiscard]] const index::IndexMemory& index_memory() const { return index_memory_; }

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
        options.version = version_;
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
        options.on_scavenge = observer_.scavenged;
        options.on_clock = observer_.clock;
        ANNALS_TRY(namespaces_, namespaces::Namespaces::open(std::move(options)));
        return ok();
    }

  private:
    Result<std::unique_ptr<commit::Orderer>> open_log(
        const std::string& name, const std::string& directory, namespaces::LogKind kind
    ) {
        order_local::OrdererOptions options;
        options.log = log_options(settings_, kind);
        options.log.on_background_failure =
            [name, failed = observer_.failed](log::BackgroundWork work, const Error& error) {
                if (failed) failed(name, work, error);
            };
        options.log.on_damage = [name, damaged = observer_.damaged](const log::Damage& damage) {
            if (damaged) damaged(name, damage);
        };
        options.index.is_in_memory = settings_.is_memory;
        options.durability.interval_ns = settings_.durability.interval_ns;
        if (observer_.metrics) options.metrics = observer_.metrics(name, kind);
        order_local::OpenReport report;
        const order_local::FeedProgress feed = [&](std::uint64_t done, std::uint64_t total) {
            if (observer_.feeding) observer_.feeding(name, done, total);
        };
        ANNALS_TRY(
            std::unique_ptr<commit::Orderer> opened,
            order_local::open_local_orderer(
                *files_, directory, options, index_memory_, report, feed
            )
        );
        if (observer_.opened) observer_.opened(name, report);
        return opened;
    }

    void open_entity_model() {
        entities::ReadModelOptions options;
        options.is_in_memory = settings_.is_memory;
        options.directory = settings_.data_directory + "/entity-model";
        auto opened = entities::ReadModel::open(*namespaces_, options);
        if (opened) {
            entity_model_ = std::move(*opened);
        } else if (observer_.without_model) {
            observer_.without_model(options.directory, opened.error());
        }
    }

    config::ServerSettings settings_;
    const std::string version_;
    const Observer observer_;
    std::unique_ptr<log::FileSystem> memory_files_;
    log::FileSystem* files_ = nullptr;
    std::unique_ptr<log::DirectoryLock> lock_;
    index::IndexMemory index_memory_;
    std::unique_ptr<namespaces::Namespaces> namespaces_;
    std::unique_ptr<entities::ReadModel> entity_model_;  ///< null: lists fold
    std::unique_ptr<entities::EntityStore> entities_;
    std::unique_ptr<api::ConsumerStore> consumers_;
    std::unique_ptr<groups::DirectConsumerGroups> groups_;
};

LocalStore::LocalStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

LocalStore::~LocalStore() = default;

Result<std::unique_ptr<LocalStore>> LocalStore::open(
    const config::ServerSettings& settings, const std::string& version, Observer observer
) {
    auto impl = std::make_unique<Impl>(settings, version, std::move(observer));
    ANNALS_CHECK(impl->open_folder());
    return std::unique_ptr<LocalStore>(new LocalStore(std::move(impl)));
}

Status LocalStore::recover() { return impl_->open_namespaces(); }

void LocalStore::open_services() { impl_->open_services(); }

namespaces::Namespaces& LocalStore::events() { return impl_->events(); }

entities::EntityStore& LocalStore::entities() { return impl_->entities(); }

api::ConsumerStore& LocalStore::consumers() { return impl_->consumers(); }

groups::DirectConsumerGroups& LocalStore::groups() { return impl_->groups(); }

const index::IndexMemory& LocalStore::index_memory() const { return impl_->index_memory(); }

Status LocalStore::close() { return impl_->close(); }

}  // namespace annals::local_store
