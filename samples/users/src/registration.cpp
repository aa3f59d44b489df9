// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "registration.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>

#include <spdlog/spdlog.h>

namespace users {
namespace {

constexpr std::chrono::seconds kPause{1};

void register_until_done(const UserStore& users, const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any pause;
    bool is_told = false;
    while (!stop.stop_requested()) {
        try {
            users.register_type();
            return;
        } catch (const annals::Failure& failure) {
            if (!is_told) spdlog::warn("the type of users is not registered: {}", failure.what());
            is_told = true;
        }
        std::unique_lock lock(mutex);
        pause.wait_for(lock, stop, kPause, [] { return false; });
    }
}

}  // namespace

Registration::Registration(const UserStore& users)
    : thread_([users](const std::stop_token& stop) { register_until_done(users, stop); }) {}

}  // namespace users
