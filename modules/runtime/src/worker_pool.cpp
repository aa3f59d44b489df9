// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/runtime/worker_pool.hpp"

#include <string>
#include <utility>

namespace annals::runtime {

WorkerPool::WorkerPool(std::string_view name, std::size_t threads, std::size_t tasks_max)
    : tasks_max_(tasks_max) {
    threads_.reserve(threads);
    for (std::size_t i = 0; i < threads; ++i) {
        threads_.emplace_back(std::string(name) + "-" + std::to_string(i), [this] { work(); });
    }
}

WorkerPool::~WorkerPool() { stop(); }

bool WorkerPool::post(std::function<void()> task) {
    {
        const std::lock_guard lock(mutex_);
        if (is_stopping_ || tasks_.size() >= tasks_max_) return false;
        tasks_.push_back(std::move(task));
    }
    posted_.notify_one();
    return true;
}

void WorkerPool::stop() {
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    posted_.notify_all();
    for (Thread& thread : threads_) thread.join();
}

std::size_t WorkerPool::queued() const {
    const std::lock_guard lock(mutex_);
    return tasks_.size();
}

void WorkerPool::work() {
    std::unique_lock lock(mutex_);
    while (true) {
        posted_.wait(lock, [this] { return is_stopping_ || !tasks_.empty(); });
        if (tasks_.empty()) return;
        {
            const std::function<void()> task = std::move(tasks_.front());
            tasks_.pop_front();
            lock.unlock();
            task();
        }
        lock.lock();
    }
}

}  // namespace annals::runtime
