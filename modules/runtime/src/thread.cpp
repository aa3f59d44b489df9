// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/runtime/thread.hpp"

#include <pthread.h>

#include <string>
#include <utility>

namespace annals::runtime {

Thread::Thread(std::string_view name, std::function<void()> body)
    : thread_([short_name = std::string(name.substr(0, 15)), work = std::move(body)] {
          pthread_setname_np(pthread_self(), short_name.c_str());
          work();
      }) {}

Thread& Thread::operator=(Thread&& other) noexcept {
    join();
    thread_ = std::move(other.thread_);
    return *this;
}

Thread::~Thread() { join(); }

void Thread::join() {
    if (thread_.joinable()) thread_.join();
}

}  // namespace annals::runtime
