// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <utility>

#include <boost/asio/io_context.hpp>

#include "annals/runtime/posted_tasks.hpp"

namespace annals::http_door::detail {

/// How other threads hand work to the one thread of a lane: a push on a lock-free list, and one
/// wake-up for all that is pushed until the thread looks. Answers of a group of appends that come
/// one after the other cost one wake-up together.
class Mailbox {
  public:
    explicit Mailbox(boost::asio::io_context& io) : io_(io) {}
    Mailbox(const Mailbox&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;

    /// Any thread. Tasks run in the order of their posting.
    void post(runtime::Task& task);
    /// Runs a function once.
    template <typename Function>
    void call(Function function) {
        post(runtime::make_task(std::move(function)));
    }

  private:
    boost::asio::io_context& io_;
    runtime::PostedTasks posted_;
};

}  // namespace annals::http_door::detail
