// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "annals/runtime/thread.hpp"

namespace annals::runtime {

/// Few threads for work that may block (the `read` threads). Tasks start in the order of post();
/// with one thread they also end in it. A task must not throw. A thread is started when a task
/// finds none idle, and then stays.
/// The destructor runs what was posted and joins.
class WorkerPool {
  public:
    /// Threads are called `name`-0, `name`-1, … up to `threads_max` of them.
    WorkerPool(std::string_view name, std::size_t threads_max, std::size_t tasks_max);
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;
    ~WorkerPool();

    /// False when the queue is full, the pool is stopping, or there is no thread and none can be
    /// started; the task was not taken then.
    [[nodiscard]] bool post(std::function<void()> task);
    /// Takes nothing more, runs what was posted, joins. Not from one of its own tasks.
    void stop();
    /// Posted and not yet begun.
    [[nodiscard]] std::size_t queued() const;
    /// Started so far.
    [[nodiscard]] std::size_t threads() const;

  private:
    void work();
    /// False when there is no thread at all.
    bool has_thread_locked();

    const std::string name_;
    const std::size_t threads_max_;
    const std::size_t tasks_max_;
    mutable std::mutex mutex_;
    std::condition_variable posted_;
    std::deque<std::function<void()>> tasks_;
    bool is_stopping_ = false;
    std::size_t idle_ = 0;  ///< threads that wait, or were woken and have not taken a task yet
    std::vector<Thread> threads_;
};

}  // namespace annals::runtime
