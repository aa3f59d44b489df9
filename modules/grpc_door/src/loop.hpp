// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>

#include <grpcpp/alarm.h>
#include <grpcpp/completion_queue.h>

#include "annals/grpc_kit/tag.hpp"
#include "annals/runtime/posted_tasks.hpp"
#include "annals/runtime/wake_scope.hpp"

namespace annals::grpc_door {

/// The one thread that polls gRPC: all calls' state belongs to it, so that none needs a lock of its
/// own. While it sleeps, a single quick task is run by the thread that brings it: the answer to a
/// lonely append is sent without waking anybody (measured: a fifth of its way back).
///
/// Others hand it work with post(): a push on a lock-free list, and a wake-up only when the loop
/// really sleeps. Answers of a group of appends that come one after the other from the store's
/// thread cost one wake-up together, and none when the loop is busy anyway.
///
/// It goes in turns: what gRPC has at the moment, then what was posted. What a turn's calls bring
/// to other threads is brought at its end (runtime::WakeScope), so that appends that came together
/// reach the writer as one group.
class Loop final : public runtime::Sleeper, public std::enable_shared_from_this<Loop> {
  public:
    explicit Loop(std::unique_ptr<grpc::ServerCompletionQueue> queue);

    [[nodiscard]] grpc::ServerCompletionQueue* queue() { return queue_.get(); }

    /// Any thread, not after run() has returned. Tasks run in the order of their posting. Inside a
    /// WakeScope the loop is woken at the scope's end.
    void post(runtime::Task& task);
    /// Posts a function that runs once.
    template <typename Function>
    void call(Function function, runtime::Haste haste = runtime::Haste::kNone) {
        post(runtime::make_task(std::move(function), haste));
    }
    void wake() override;

    /// Until quit(), and until gRPC has given back every tag.
    void run();
    /// On the loop's thread, from a task or a tag; nothing may be begun on the queue afterwards.
    void quit();

  private:
    class Alarm final : public grpc_kit::Tag {
      public:
        explicit Alarm(std::atomic<bool>& is_set) : is_set_(is_set) {}
        void complete(bool /*ok*/) override { is_set_.store(false); }

      private:
        std::atomic<bool>& is_set_;
    };

    bool run_here();

    std::unique_ptr<grpc::ServerCompletionQueue> queue_;
    std::mutex owner_;  ///< of all calls' state: the loop's unless it sleeps
    runtime::PostedTasks posted_;
    std::atomic<bool> is_sleeping_{false};
    std::atomic<bool> is_alarm_set_{false};
    Alarm alarm_tag_{is_alarm_set_};
    grpc::Alarm alarm_;
    bool is_quitting_ = false;
};

}  // namespace annals::grpc_door
