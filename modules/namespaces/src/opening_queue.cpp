// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "opening_queue.hpp"

#include <utility>

namespace annals::namespaces {

OpeningQueue::OpeningQueue(std::function<void(HeldAppend&)> submit) : submit_(std::move(submit)) {}

bool OpeningQueue::has_waiting(std::string_view name) const {
    if (waiting_.load(std::memory_order_acquire) == 0) return false;
    const std::lock_guard lock(mutex_);
    return waiting_by_name_.contains(name);
}

Status OpeningQueue::push(const std::shared_ptr<HeldAppend>& append) {
    ANNALS_CHECK(count(*append));
    const bool is_taken = opener_.post([this, append] {
        submit_(*append);
        forget(*append);
    });
    if (is_taken) return ok();
    forget(*append);
    return Error(
        ErrorCode::kShuttingDown, "the server is stopping: send the call again once it is back"
    );
}

Status OpeningQueue::count(const HeldAppend& append) {
    const std::lock_guard lock(mutex_);
    const std::size_t waiting = waiting_.load(std::memory_order_relaxed);
    if (waiting >= kAppendsMax || (waiting != 0 && bytes_ + append.bytes() > kBytesMax)) {
        return Error(
            ErrorCode::kOverloaded,
            "too many appends wait for namespaces that are being opened: try again later"
        );
    }
    bytes_ += append.bytes();
    ++waiting_by_name_[std::string(append.context.name_space)];
    waiting_.store(waiting + 1, std::memory_order_release);
    return ok();
}

void OpeningQueue::forget(const HeldAppend& append) {
    const std::lock_guard lock(mutex_);
    bytes_ -= append.bytes();
    const auto of_name = waiting_by_name_.find(append.context.name_space);
    if (--of_name->second == 0) waiting_by_name_.erase(of_name);
    waiting_.store(waiting_.load(std::memory_order_relaxed) - 1, std::memory_order_release);
}

}  // namespace annals::namespaces
