// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "counter.hpp"

#include <condition_variable>
#include <stop_token>
#include <utility>

#include <spdlog/spdlog.h>

namespace metrics {
namespace {

/// Between tries where trying again at once is of no use.
constexpr std::chrono::seconds kPause{1};
constexpr std::uint32_t kBatchEvents = 1'000;

void wait_for(std::chrono::milliseconds time, const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any stopped;
    std::unique_lock lock(mutex);
    stopped.wait_for(lock, stop, time, [] { return false; });
}

/// The place that was saved is none of this log: another one stands behind the address, or a
/// backup was restored.
bool is_of_another_log(const annals::Failure& failure) {
    return failure.code() == annals::ErrorCode::kTokenUnknown ||
           failure.code() == annals::ErrorCode::kTokenBeyondEnd;
}

}  // namespace

Counter::Counter(annals::Client client, CountStore store, std::chrono::milliseconds save_interval)
    : client_(std::move(client)), save_interval_(save_interval), store_(std::move(store)) {
    reader_ = std::jthread([this](const std::stop_token& stop) { read(stop); });
    saver_ = std::jthread([this](const std::stop_token& stop) { save_again_and_again(stop); });
}

Counter::~Counter() {
    reader_.request_stop();
    reader_.join();
    saver_.request_stop();
    saver_.join();
    save_now();
}

Progress Counter::progress() const {
    const std::lock_guard lock(mutex_);
    return progress_;
}

void Counter::read(const std::stop_token& stop) {
    if (!load(stop)) return;
    while (!stop.stop_requested()) {
        try {
            follow(stop);
        } catch (const annals::Failure& failure) {
            tell(failure);
            if (is_of_another_log(failure)) {
                begin_anew();
            } else {
                wait_for(kPause, stop);
            }
        }
    }
}

/// False: it was stopped first.
bool Counter::load(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        try {
            const std::lock_guard store_lock(store_mutex_);
            Count count = store_.load();
            spdlog::info(
                "goes on behind position {} with {} events", count.last, count.totals.count()
            );
            const std::lock_guard lock(mutex_);
            progress_.saved = count.last;
            progress_.count = std::move(count);
            is_loaded_ = true;
            return true;
        } catch (const annals::Failure& failure) {
            tell(failure);
        }
        wait_for(kPause, stop);
    }
    return false;
}

void Counter::follow(const std::stop_token& stop) {
    annals::Select everything{.include_system = true};
    {
        const std::lock_guard lock(mutex_);
        if (!progress_.count.position.empty()) {
            everything.start = annals::After{progress_.count.position};
        }
    }
    annals::Subscription log = client_.subscribe(everything, {.batch_events_max = kBatchEvents});
    while (const auto batch = log.next(stop)) take(*batch, log.reconnects());
}

void Counter::take(const annals::Batch& batch, std::uint64_t reconnects) {
    const std::lock_guard lock(mutex_);
    for (const annals::Event& event : batch.events) {
        progress_.count.totals.take(event);
        progress_.count.last = event.position.value;
    }
    if (!batch.events.empty()) progress_.last_seen = std::chrono::system_clock::now();
    progress_.count.position = batch.position;
    progress_.is_live = progress_.is_live || batch.is_live;
    progress_.reconnects = reconnects;
}

void Counter::begin_anew() {
    spdlog::error("the log is another one than that of the saved totals: counting from the start");
    const std::lock_guard store_lock(store_mutex_);
    store_.forget_what_was_saved();
    const std::lock_guard lock(mutex_);
    progress_.count = {};
    progress_.is_live = false;
    progress_.saved = 0;
    ++progress_.restarts;
}

void Counter::save_again_and_again(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        wait_for(save_interval_, stop);
        if (!stop.stop_requested()) save_now();
    }
}

void Counter::save_now() {
    const std::lock_guard store_lock(store_mutex_);
    Count count;
    {
        const std::lock_guard lock(mutex_);
        if (!is_loaded_ || progress_.count.last == progress_.saved) return;
        count = progress_.count;
    }
    try {
        if (!store_.save(count)) return;  // with the next
    } catch (const annals::Failure& failure) {
        tell(failure);
        return;
    }
    const std::lock_guard lock(mutex_);
    ++progress_.saves;
    progress_.saved = count.last;
}

void Counter::tell(const annals::Failure& failure) {
    spdlog::warn("{}", failure.what());
    const std::lock_guard lock(mutex_);
    progress_.last_error = failure.what();
}

}  // namespace metrics
