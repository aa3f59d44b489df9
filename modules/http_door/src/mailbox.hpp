// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <atomic>
#include <memory>
#include <utility>

#include <boost/asio/io_context.hpp>

namespace annals::http_door::detail {

/// How other threads hand work to the door's one thread: a push on a lock-free list, and one
/// wake-up for all that is pushed until the thread looks. Answers of a group of appends that come
/// one after the other cost one wake-up together.
class Mailbox {
  public:
    /// In at most one mailbox, once at a time.
    class Task {
      public:
        Task() = default;
        Task(const Task&) = delete;
        Task& operator=(const Task&) = delete;
        virtual ~Task() = default;
        /// On the door's thread. May destroy the task.
        virtual void run() = 0;

      private:
        friend class Mailbox;
        Task* next_ = nullptr;
    };

    explicit Mailbox(boost::asio::io_context& io) : io_(io) {}
    Mailbox(const Mailbox&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;

    /// Any thread. Tasks run in the order of their posting.
    void post(Task& task);
    /// Runs a function once.
    template <typename Function>
    void call(Function function);

  private:
    void run_posted();

    boost::asio::io_context& io_;
    std::atomic<Task*> posted_{nullptr};
};

template <typename Function>
void Mailbox::call(Function function) {
    class Once final : public Task {
      public:
        explicit Once(Function once) : once_(std::move(once)) {}
        void run() override {
            const std::unique_ptr<Once> self(this);
            once_();
        }

      private:
        Function once_;
    };
    post(*std::make_unique<Once>(std::move(function)).release());
}

}  // namespace annals::http_door::detail
