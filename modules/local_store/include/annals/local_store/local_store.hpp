// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "annals/api/consumer_store.hpp"
#include "annals/base/result.hpp"
#include "annals/config/server_settings.hpp"
#include "annals/entities/entity_store.hpp"
#include "annals/groups/consumer_groups.hpp"
#include "annals/log/segment_log.hpp"
#include "annals/namespaces/namespaces.hpp"
#include "annals/order_local/local_orderer.hpp"

namespace annals::local_store {

/// What the owner of a store hears of it, from the thread where it happens. Each may be empty.
struct Observer {
    /// A log was opened; "$system", "default/system".
    std::function<void(const std::string& log, const order_local::OpenReport&)> opened = {};
    /// An index is fed while its log is opened: events done, of so many.
    std::function<void(const std::string& log, std::uint64_t done, std::uint64_t total)> feeding = {
    };
    std::function<void(const std::string& log, log::BackgroundWork, const Error&)> failed = {};
    /// A read met bytes that are damaged, for the first time.
    std::function<void(const std::string& log, const log::Damage&)> damaged = {};
    std::function<void(const api::ScavengeStatus&)> scavenged = {};
    /// The clock is not believed, or is again.
    std::function<void(const namespaces::ClockReport&)> clock = {};
    /// Lists of entities go without their read model, which is no reason not to start.
    std::function<void(const std::string& directory, const Error&)> without_model = {};
    /// Counters for the appends of a log; null: none.
    std::function<
        std::shared_ptr<order_local::AppendMetrics>(const std::string& log, namespaces::LogKind)>
        metrics = {};
};

/// A data folder opened, with what works on it. Destroying it closes it.
class LocalStore {
  public:
    /// Makes the folder where there is none, and locks it: directory_locked, io_error. Of the
    /// settings those of the doors are not looked at.
    static Result<std::unique_ptr<LocalStore>> open(
        const config::ServerSettings& settings, const std::string& version, Observer observer
    );
    LocalStore(const LocalStore&) = delete;
    LocalStore& operator=(const LocalStore&) = delete;
    ~LocalStore();

    /// Opens the logs and what a crash left of them: io_error, data_loss, … Once; before all below.
    Status recover();
    /// What stands on the events: entities, consumers, groups. Once.
    void open_services();

    [[nodiscard]] namespaces::Namespaces& events();
    // After open_services().
    [[nodiscard]] entities::EntityStore& entities();
    [[nodiscard]] api::ConsumerStore& consumers();
    [[nodiscard]] groups::DirectConsumerGroups& groups();

    [[nodiscard]] const index::IndexMemory& index_memory() const;

    /// Ends memberships and subscriptions, refuses new calls, closes the logs in an orderly way.
    Status close();

  private:
    class Impl;
    explicit LocalStore(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace annals::local_store
