// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include <boost/asio/io_context.hpp>

#include "annals/runtime/posted_tasks.hpp"
#include "annals/runtime/wake_scope.hpp"

namespace annals::http_door::detail {

/// How other threads hand work to the one thread of a lane: a push on a lock-free list, and one
/// wake-up for all that is pushed until the thread looks. Inside a runtime::WakeScope (the answers
/// to a group of appends) the lane is woken at the scope's end.
class Mailbox {
  public:
    explicit Mailbox(boost::asio::io_context& io) : box_(std::make_shared<Box>(io)) {}
    Mailbox(const Mailbox&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;
    /// What comes afterwards is not run.
    ~Mailbox() { box_->close(); }

    /// Any thread. Tasks run in the order of their posting.
    void post(runtime::Task& task);
    /// Runs a function once.
    template <typename Function>
    void call(Function function) {
        post(runtime::make_task(std::move(function)));
    }

  private:
    /// Shared with scopes that wake the lane at their end, when it may have gone.
    class Box final : public runtime::Sleeper, public std::enable_shared_from_this<Box> {
      public:
        explicit Box(boost::asio::io_context& io) : io_(&io) {}
        bool push(runtime::Task& task) { return posted_.push(task); }
        void wake() override;
        void close();

      private:
        runtime::PostedTasks posted_;
        std::mutex mutex_;
        boost::asio::io_context* io_;  ///< null: closed
    };

    const std::shared_ptr<Box> box_;
};

}  // namespace annals::http_door::detail
