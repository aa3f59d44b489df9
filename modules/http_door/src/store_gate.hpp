// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <utility>

#include "annals/api/consumer_groups.hpp"
#include "annals/api/consumer_store.hpp"
#include "annals/api/event_store.hpp"
#include "annals/base/result.hpp"
#include "annals/entity_api/entity_store.hpp"

namespace annals::http_door::detail {

class StoreGate;

/// The right to use the store: it stays as long as somebody has one. Movable; any thread.
class StoreLease {
  public:
    StoreLease() = default;
    StoreLease(StoreGate* gate, api::EventStore* store) : gate_(gate), store_(store) {}
    StoreLease(StoreLease&& other) noexcept
        : gate_(std::exchange(other.gate_, nullptr)),
          store_(std::exchange(other.store_, nullptr)) {}
    StoreLease& operator=(StoreLease&& other) noexcept {
        std::swap(gate_, other.gate_);
        std::swap(store_, other.store_);
        return *this;
    }
    ~StoreLease();

    [[nodiscard]] api::EventStore& store() const { return *store_; }
    [[nodiscard]] api::EventStore* operator->() const { return store_; }

  private:
    StoreGate* gate_ = nullptr;
    api::EventStore* store_ = nullptr;
};

/// Between requests and a store that comes after the door and goes before it.
class StoreGate {
  public:
    void open(
        api::EventStore& store,
        api::ConsumerStore* consumers,
        api::ConsumerGroups* groups,
        api::EntityStore* entities
    ) {
        const std::lock_guard lock(mutex_);
        entities_ = entities;
        groups_ = groups;
        consumers_ = consumers;
        store_ = &store;
    }
    /// For who has entered. Null: there are none.
    [[nodiscard]] api::ConsumerStore* consumers() {
        const std::lock_guard lock(mutex_);
        return consumers_;
    }
    [[nodiscard]] api::ConsumerGroups* groups() {
        const std::lock_guard lock(mutex_);
        return groups_;
    }
    [[nodiscard]] api::EntityStore* entities() {
        const std::lock_guard lock(mutex_);
        return entities_;
    }
    /// Nobody enters any more.
    void close() {
        const std::lock_guard lock(mutex_);
        is_closed_ = true;
    }
    [[nodiscard]] bool is_closed() {
        const std::lock_guard lock(mutex_);
        return is_closed_;
    }
    void wait_until_empty() {
        std::unique_lock lock(mutex_);
        emptied_.wait(lock, [this] { return leases_ == 0; });
    }
    /// unavailable before open(), shutting_down after close().
    Result<StoreLease> enter() {
        const std::lock_guard lock(mutex_);
        if (is_closed_) {
            return Error(
                ErrorCode::kShuttingDown, "the server is stopping: send it to another one, or later"
            );
        }
        if (store_ == nullptr) {
            return Error(
                ErrorCode::kUnavailable, "the logs are being opened: send it again when they are"
            );
        }
        ++leases_;
        return StoreLease(this, store_);
    }

  private:
    friend class StoreLease;
    void leave() {
        const std::lock_guard lock(mutex_);
        if (--leases_ == 0) emptied_.notify_all();
    }

    std::mutex mutex_;
    std::condition_variable emptied_;
    api::EventStore* store_ = nullptr;
    api::ConsumerStore* consumers_ = nullptr;
    api::ConsumerGroups* groups_ = nullptr;
    api::EntityStore* entities_ = nullptr;
    std::size_t leases_ = 0;
    bool is_closed_ = false;
};

inline StoreLease::~StoreLease() {
    if (gate_ != nullptr) gate_->leave();
}

}  // namespace annals::http_door::detail
