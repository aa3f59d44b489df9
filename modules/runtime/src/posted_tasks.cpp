// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/runtime/posted_tasks.hpp"

namespace annals::runtime {

bool PostedTasks::push(Task& task) {
    Task* newest = newest_.load(std::memory_order_relaxed);
    do {
        task.next_ = newest;
    } while (!newest_.compare_exchange_weak(newest, &task));
    return newest == nullptr;
}

const Task* PostedTasks::only_one() const {
    const Task* newest = newest_.load();
    return newest != nullptr && newest->next_ == nullptr ? newest : nullptr;
}

void PostedTasks::run_all() {
    Task* newest_first = newest_.exchange(nullptr);
    Task* oldest_first = nullptr;
    while (newest_first != nullptr) {
        Task* next = newest_first->next_;
        newest_first->next_ = oldest_first;
        oldest_first = newest_first;
        newest_first = next;
    }
    while (oldest_first != nullptr) {
        Task* next = oldest_first->next_;
        oldest_first->run();
        oldest_first = next;
    }
}

}  // namespace annals::runtime
