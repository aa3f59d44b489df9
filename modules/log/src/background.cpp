// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "background.hpp"

#include <pthread.h>

#include <algorithm>

namespace annals::log::detail {

void Background::start_locked() {
    if (thread_.joinable() || is_stopping_) return;
    thread_ = std::thread([this] { run(); });
    ::pthread_setname_np(thread_.native_handle(), "log-background");
}

void Background::request_fill(std::shared_ptr<SegmentFiller> filler, std::uint64_t end) {
    {
        const std::lock_guard lock(mutex_);
        const auto same = std::ranges::find(fills_, filler, &FillJob::filler);
        if (same != fills_.end()) {
            same->end = end;
        } else {
            fills_.push_back({std::move(filler), end});
        }
        start_locked();
    }
    wake_.notify_one();
}

void Background::request_seal(SealJob job) {
    {
        const std::lock_guard lock(mutex_);
        // First those that failed: each tree goes on where the one before it ends.
        seals_.insert(seals_.begin(), unsealed_.begin(), unsealed_.end());
        unsealed_.clear();
        seals_.push_back(std::move(job));
        start_locked();
    }
    wake_.notify_one();
}

void Background::wait_idle() {
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] {
        return !thread_.joinable() || (fills_.empty() && seals_.empty() && !is_busy_);
    });
}

void Background::wait_sealed() {
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return !thread_.joinable() || (seals_.empty() && !is_sealing_); });
}

void Background::stop() {
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void Background::fill() {
    while (true) {
        FillJob job;
        {
            const std::lock_guard lock(mutex_);
            if (fills_.empty()) return;
            job = std::move(fills_.front());
            fills_.pop_front();
        }
        if (core_.is_poisoned()) return;
        // A failure is met again by the writer, in reserve(), where its caller can be told.
        if (const Status filled = job.filler->fill_to(job.end, true); !filled)
            core_.note_failure(BackgroundWork::kFill, filled.error());
    }
}

void Background::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [this] { return is_stopping_ || !fills_.empty() || !seals_.empty(); });
        is_busy_ = true;
        if (!fills_.empty() && !is_stopping_) {
            lock.unlock();
            fill();
            lock.lock();
        } else if (!seals_.empty() && !core_.is_poisoned()) {
            const SealJob job = std::move(seals_.front());
            seals_.pop_front();
            is_sealing_ = true;
            lock.unlock();
            const Status sealed = seal_segment(core_, job, [this] { fill(); });
            if (!sealed) core_.note_failure(BackgroundWork::kSeal, sealed.error());
            lock.lock();
            is_sealing_ = false;
            if (!sealed) {
                // Those behind it wait, too: a tree needs the one before it.
                unsealed_.push_back(job);
                unsealed_.insert(unsealed_.end(), seals_.begin(), seals_.end());
                seals_.clear();
            }
        } else {
            seals_.clear();
            fills_.clear();
            if (is_stopping_) break;
        }
        is_busy_ = false;
        idle_.notify_all();
    }
    is_busy_ = false;
    idle_.notify_all();
}

}  // namespace annals::log::detail
