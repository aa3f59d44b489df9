// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "mailbox.hpp"

#include <boost/asio/post.hpp>

namespace annals::http_door::detail {

void Mailbox::post(Task& task) {
    Task* head = posted_.load(std::memory_order_relaxed);
    do {
        task.next_ = head;
    } while (!posted_.compare_exchange_weak(head, &task));
    // From here on the task may be gone.
    if (head == nullptr) boost::asio::post(io_, [this] { run_posted(); });
}

void Mailbox::run_posted() {
    Task* newest_first = posted_.exchange(nullptr);
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

}  // namespace annals::http_door::detail
