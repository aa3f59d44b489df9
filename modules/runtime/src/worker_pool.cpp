// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/runtime/worker_pool.hpp"

#include <string>
#include <system_error>
#include <utility>

namespace annals::runtime {

WorkerPool::WorkerPool(std::string_view name, std::size_t threads_max, std::size_t tasks_max)
    : name_(name), threads_max_(threads_max), tasks_max_(tasks_max) {
    threads_.reserve(threads_max);
}

WorkerPool::~WorkerPool() { stop(); }

bool WorkerPool::post(std::function<void()> task) {
    {
        const std::lock_guard lock(mutex_);
        if (is_stopping_ || tasks_.size() >= tasks_max_) return false;
        tasks_.push_back(std::move(task));
        if (tasks_.size() > idle_ && !has_thread_locked()) {
            tasks_.pop_back();
            return false;
        }
    }
    posted_.notify_one();
    return true;
}

bool WorkerPool::has_thread_locked() {
    if (threads_.size() == threads_max_) return true;
    try {
        const std::string name = name_ + "-" + std::to_string(threads_.size());
        threads_.emplace_back(name, [this] { work(); });
    } catch (const std::system_error&) {
        // The system has no more threads to give: those that are there do the work.
        return !threads_.empty();
    }
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

std::size_t WorkerPool::threads() const {
    const std::lock_guard lock(mutex_);
    return threads_.size();
}

void WorkerPool::work() {
    std::unique_lock lock(mutex_);
    while (true) {
        ++idle_;
        posted_.wait(lock, [this] { return is_stopping_ || !tasks_.empty(); });
        --idle_;
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
