// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "mailbox.hpp"

#include <boost/asio/post.hpp>

namespace annals::http_door::detail {

void Mailbox::post(runtime::Task& task) {
    // Who was first wakes for all.
    if (!box_->push(task)) return;
    if (runtime::WakeScope::is_open()) {
        runtime::WakeScope::keep(box_);
    } else {
        box_->wake();
    }
}

void Mailbox::Box::wake() {
    const std::lock_guard lock(mutex_);
    if (io_ == nullptr) return;
    boost::asio::post(*io_, [self = shared_from_this()] { self->posted_.run_all(); });
}

void Mailbox::Box::close() {
    const std::lock_guard lock(mutex_);
    io_ = nullptr;
}

}  // namespace annals::http_door::detail
