// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include <grpcpp/generic/async_generic_service.h>

#include "annals/api/event_store.hpp"
#include "annals/base/clock.hpp"
#include "annals/grpc_door/grpc_door.hpp"
#include "annals/runtime/worker_pool.hpp"

#include "loop.hpp"

namespace annals::grpc_door {

class CallLogic;
class GenericCall;

/// A method that is not hot: its names for metrics and what makes its logic.
struct MethodEntry {
    std::string service;
    std::string method;
    std::function<std::unique_ptr<CallLogic>(GenericCall&)> make_logic;
};

/// What all calls of a door share. Members without a lock belong to the loop's thread.
struct Door {
    Door(api::EventStore& event_store, const GrpcDoorOptions& door_options)
        : store(event_store),
          options(door_options),
          readers("grpc-read", 4 * door_options.worker_threads, kTasksMax),
          waiters("grpc-wait", kWaiterThreads, kTasksMax),
          streamers("grpc-stream", door_options.worker_threads, kTasksMax) {}

    static constexpr std::size_t kTasksMax = 65'536;
    static constexpr std::size_t kWaiterThreads = 16;

    api::EventStore& store;
    const GrpcDoorOptions options;
    std::shared_ptr<Loop> loop;  // shared with the scopes that will wake it
    grpc::AsyncGenericService generic;
    /// By path, "/annals.v1.EventStore/Scan". Complete before the first call.
    std::unordered_map<std::string, MethodEntry> methods;
    /// Calls beside the hot ones that are running, to end their streams when the door closes.
    std::set<GenericCall*> generic_calls;
    bool is_draining = false;

    /// Reads that wait for the disk.
    runtime::WorkerPool readers;
    /// Reads that wait for a position, seconds perhaps: apart, so that they do not stop the others.
    runtime::WorkerPool waiters;
    /// Streams that fetch their next messages; apart for the same reason.
    runtime::WorkerPool streamers;

    /// Calls accepted and not yet over.
    void call_begun() { running_calls_.fetch_add(1, std::memory_order_relaxed); }
    void call_over() {
        if (running_calls_.fetch_sub(1) != 1) return;
        const std::lock_guard lock(idle_mutex_);
        idle_.notify_all();
    }
    void wait_until_idle() {
        std::unique_lock lock(idle_mutex_);
        idle_.wait(lock, [&] { return running_calls_.load() == 0; });
    }

    void observe(std::string_view service, std::string_view method, int code, std::int64_t begun_ns)
        const {
        if (options.observer == nullptr) return;
        const auto ns = static_cast<double>(system_clock().monotonic_ns() - begun_ns);
        options.observer->on_call(service, method, code, ns / 1e9);
    }

  private:
    std::atomic<std::size_t> running_calls_{0};
    std::mutex idle_mutex_;
    std::condition_variable idle_;
};

inline constexpr std::string_view kEventStoreName = "annals.v1.EventStore";

}  // namespace annals::grpc_door
