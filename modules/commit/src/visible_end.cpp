// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/commit/visible_end.hpp"

#include <algorithm>
#include <chrono>
#include <string>

#include "annals/base/assert.hpp"
#include "annals/base/clock.hpp"

namespace annals::commit {
namespace {

std::chrono::steady_clock::time_point time_point_of(std::int64_t monotonic_ns) {
    // Both count from the same start on Linux; the difference is taken anyway, it costs nothing.
    const std::int64_t wait_ns = monotonic_ns - system_clock().monotonic_ns();
    return std::chrono::steady_clock::now() +
           std::chrono::nanoseconds(std::max<std::int64_t>(wait_ns, 0));
}

}  // namespace

// Who publishes stores the end and then asks whether anybody is interested; who waits says that it
// is interested and then looks at the end. Both in the one order of seq_cst, so that one of the two
// sees the other.

void VisibleEnd::publish(Position end) {
    ANNALS_ASSERT(end >= get(), "what was visible stays visible");
    end_.store(end.value, std::memory_order_seq_cst);
    if (interested_.load(std::memory_order_seq_cst) == 0) return;
    const std::lock_guard lock(mutex_);
    moved_.notify_all();
    for (const Listener& listener : listeners_) listener.bell();
}

void VisibleEnd::close() {
    const std::lock_guard lock(mutex_);
    is_closed_.store(true, std::memory_order_release);
    moved_.notify_all();
    for (const Listener& listener : listeners_) listener.bell();
}

Status VisibleEnd::wait_for(Position position, std::int64_t deadline_ns) {
    if (get() >= position) return ok();
    interested_.fetch_add(1, std::memory_order_seq_cst);
    bool is_reached = false;
    {
        std::unique_lock lock(mutex_);
        is_reached = moved_.wait_until(lock, time_point_of(deadline_ns), [&] {
            return end_.load(std::memory_order_seq_cst) >= position.value || is_closed();
        });
    }
    interested_.fetch_sub(1, std::memory_order_relaxed);
    if (get() >= position) return ok();
    if (is_reached)
        return Error(ErrorCode::kShuttingDown, "the log is being closed: ask again later");
    return Error(
               ErrorCode::kPositionNotReached,
               "position " + std::to_string(position.value) + " is not visible yet, the end is " +
                   std::to_string(get().value) + ": wait longer or ask again"
    )
        .with("position", std::to_string(position.value))
        .with("end", std::to_string(get().value));
}

VisibleEnd::ListenerId VisibleEnd::add_listener(std::function<void()> bell) {
    const std::lock_guard lock(mutex_);
    interested_.fetch_add(1, std::memory_order_seq_cst);
    const ListenerId id = next_id_++;
    listeners_.push_back({id, std::move(bell)});
    return id;
}

void VisibleEnd::remove_listener(ListenerId id) {
    const std::lock_guard lock(mutex_);
    const std::size_t removed = std::erase_if(listeners_, [id](const Listener& listener) {
        return listener.id == id;
    });
    if (removed != 0) interested_.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace annals::commit
