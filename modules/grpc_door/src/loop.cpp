// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "loop.hpp"

#include <utility>

namespace annals::grpc_door {
namespace {

const gpr_timespec kAtOnce{0, 0, GPR_CLOCK_MONOTONIC};

/// A turn ends after so many of gRPC's tags although there are more.
constexpr int kTurnTagsMax = 64;

}  // namespace

Loop::Loop(std::unique_ptr<grpc::ServerCompletionQueue> queue) : queue_(std::move(queue)) {}

void Loop::post(runtime::Task& task) {
    posted_.push(task);
    // From here on the task may be gone.
    if (!is_sleeping_.load()) return;
    if (runtime::WakeScope::is_open()) {
        runtime::WakeScope::keep(shared_from_this());
    } else {
        wake();
    }
}

void Loop::wake() {
    // The sleeper is woken by the first who sees it asleep; an alarm that is set and not yet taken
    // wakes it as well.
    if (is_sleeping_.load() && run_here()) return;
    if (is_sleeping_.load() && is_sleeping_.exchange(false) && !is_alarm_set_.exchange(true)) {
        alarm_.Set(queue_.get(), kAtOnce, &alarm_tag_);
    }
}

/// True when the one task that was posted has been run, or somebody else took it.
bool Loop::run_here() {
    const std::unique_lock owner(owner_, std::try_to_lock);
    if (!owner.owns_lock() || !is_sleeping_.load()) return false;
    // Only the owner takes tasks away: what is looked at here stays.
    if (posted_.is_empty()) return true;
    const runtime::Task* only = posted_.only_one();
    if (only == nullptr || !only->is_quick()) return false;
    posted_.run_all();
    return true;
}

void Loop::run() {
    runtime::WakeScope turn;
    std::unique_lock owner(owner_);
    int tags = 0;
    void* tag = nullptr;
    bool ok = false;
    while (true) {
        if (!posted_.is_empty()) {
            turn.flush();
            posted_.run_all();
        }
        const auto polled = queue_->AsyncNext(&tag, &ok, kAtOnce);
        if (polled == grpc::CompletionQueue::SHUTDOWN) break;
        if (polled == grpc::CompletionQueue::GOT_EVENT) {
            static_cast<grpc_kit::Tag*>(tag)->complete(ok);
            if (++tags < kTurnTagsMax) continue;
        }
        turn.flush();
        tags = 0;
        if (polled == grpc::CompletionQueue::GOT_EVENT) continue;
        if (!is_quitting_) {
            is_sleeping_.store(true);
            if (!posted_.is_empty()) {
                is_sleeping_.store(false);
                continue;
            }
        }
        owner.unlock();
        const bool has_tag = queue_->Next(&tag, &ok);
        owner.lock();
        is_sleeping_.store(false);
        if (!has_tag) break;
        static_cast<grpc_kit::Tag*>(tag)->complete(ok);
        tags = 1;
    }
    posted_.run_all();
}

void Loop::quit() {
    is_quitting_ = true;
    queue_->Shutdown();
}

}  // namespace annals::grpc_door
