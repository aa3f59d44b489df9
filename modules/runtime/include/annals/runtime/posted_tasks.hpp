// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

namespace annals::runtime {

/// Work that one thread hands to another. In at most one PostedTasks, once at a time.
class Task {
  public:
    Task() = default;
    Task(const Task&) = delete;
    Task& operator=(const Task&) = delete;
    virtual ~Task() = default;
    /// May destroy the task.
    virtual void run() = 0;
    /// Does no more than to hand bytes on: may run on the thread that posts it, where the receiver
    /// knows how.
    [[nodiscard]] virtual bool is_quick() const { return false; }

  private:
    friend class PostedTasks;
    Task* next_ = nullptr;
};

/// What many threads have handed to one: a push on a lock-free list, taken as a whole, run in the
/// order of the pushes. Waking the one thread is the owner's. Bounded by those who post: each has
/// an operation under way for each task.
class PostedTasks {
  public:
    PostedTasks() = default;
    PostedTasks(const PostedTasks&) = delete;
    PostedTasks& operator=(const PostedTasks&) = delete;

    /// Any thread. True when nothing was there before: somebody has to be woken. Afterwards the
    /// task may be gone.
    bool push(Task& task);
    [[nodiscard]] bool is_empty() const { return newest_.load() == nullptr; }
    /// While nobody else takes tasks away: the task when there is exactly one.
    [[nodiscard]] const Task* only_one() const;
    /// One thread at a time.
    void run_all();

  private:
    std::atomic<Task*> newest_{nullptr};
};

/// Whether a task may run on the thread that posts it (Task::is_quick).
enum class Haste : std::uint8_t { kNone, kQuick };

/// Runs a function once, and goes.
template <typename Function>
class FunctionTask final : public Task {
  public:
    FunctionTask(Function function, Haste haste) : function_(std::move(function)), haste_(haste) {}
    void run() override {
        const std::unique_ptr<FunctionTask> self(this);
        function_();
    }
    [[nodiscard]] bool is_quick() const override { return haste_ == Haste::kQuick; }

  private:
    Function function_;
    Haste haste_;
};

/// A FunctionTask that owns itself until it has run.
template <typename Function>
Task& make_task(Function function, Haste haste = Haste::kNone) {
    return *std::make_unique<FunctionTask<Function>>(std::move(function), haste).release();
}

}  // namespace annals::runtime
