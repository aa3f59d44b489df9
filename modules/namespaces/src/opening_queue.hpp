// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "annals/base/result.hpp"
#include "annals/runtime/worker_pool.hpp"

#include "held_append.hpp"

namespace annals::namespaces {

/// Appends to namespaces that are not open yet wait here for the one thread that opens them: who
/// appends may be a door's polling thread, which must not wait for a recovery. Appends to one
/// namespace keep their order, so the later ones wait here too until the earlier ones have left.
/// Bounded in number and bytes. Any thread.
class OpeningQueue {
  public:
    static constexpr std::size_t kAppendsMax = 4096;
    static constexpr std::size_t kBytesMax = 64u << 20u;

    /// `submit` is called in the queue's thread and may block.
    explicit OpeningQueue(std::function<void(HeldAppend&)> submit);

    /// Whether an append to the namespace has to queue behind others. One atomic load as long as
    /// nothing is being opened.
    [[nodiscard]] bool has_waiting(std::string_view name) const;
    /// overloaded when it is full, shutting_down once it was stopped; `append` is not taken then.
    Status push(const std::shared_ptr<HeldAppend>& append);
    /// Submits what waits, then takes nothing more.
    void stop() { opener_.stop(); }

  private:
    Status count(const HeldAppend& append);
    void forget(const HeldAppend& append);

    const std::function<void(HeldAppend&)> submit_;
    std::atomic<std::size_t> waiting_{0};
    mutable std::mutex mutex_;
    std::size_t bytes_ = 0;
    std::map<std::string, std::size_t, std::less<>> waiting_by_name_;
    runtime::WorkerPool opener_{"opener", 1, kAppendsMax};
};

}  // namespace annals::namespaces
