// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "open_namespace.hpp"

namespace annals::namespaces {

Result<std::unique_ptr<OpenNamespace>> OpenNamespace::open(
    const NamespacesOptions& options, std::string name, std::string directory
) {
    std::unique_ptr<OpenNamespace> opened(
        new OpenNamespace(options, std::move(name), std::move(directory))
    );
    ANNALS_TRY(
        opened->orderer_, options.open_orderer(opened->name_, opened->directory_, LogKind::kEvents)
    );
    // Of the events that can be read: the last of all may be lost to damage.
    const TimeNs last_time = opened->orderer_->log().last_time();
    opened->is_clock_in_doubt_ = last_time.value != 0 &&
                                 is_leap(options.clock->now().value - last_time.value);
    opened->reader_ = std::make_unique<streams::StreamReader>(*opened->orderer_);
    opened->hub_ = std::make_unique<subscriptions::SubscriptionHub>(
        *opened->orderer_, options.clock
    );
    return opened;
}

OpenNamespace::~OpenNamespace() {
    (void)close();
    hub_.reset();
    reader_.reset();
    orderer_.reset();
    system_log_.reset();
    if (is_deleted_.load(std::memory_order_acquire)) (void)files_.remove_all(directory_);
}

Result<commit::Orderer*> OpenNamespace::find_system_log() {
    {
        const std::lock_guard lock(system_mutex_);
        if (system_log_) return system_log_.get();
    }
    ANNALS_TRY(const bool is_there, files_.exists(directory_ + "/system"));
    if (!is_there) return static_cast<commit::Orderer*>(nullptr);
    return system_log();
}

const commit::Orderer* OpenNamespace::opened_system_log() {
    const std::unique_lock lock(system_mutex_, std::try_to_lock);
    return lock.owns_lock() ? system_log_.get() : nullptr;
}

Result<commit::Orderer*> OpenNamespace::system_log() {
    const std::lock_guard lock(system_mutex_);
    if (!system_log_) {
        ANNALS_TRY(
            system_log_, open_orderer_(name_ + "/system", directory_ + "/system", LogKind::kSystem)
        );
    }
    return system_log_.get();
}

Status OpenNamespace::close() {
    Status status = orderer_ ? orderer_->close() : ok();
    const std::lock_guard lock(system_mutex_);
    if (system_log_) {
        Status system_status = system_log_->close();
        if (status) status = std::move(system_status);
    }
    return status;
}

}  // namespace annals::namespaces
