// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "consumer_saver.hpp"

#include <utility>

namespace annals::sdk {

ConsumerSaver::ConsumerSaver(
    std::shared_ptr<const Client::Impl> client, Place place, Listener listener
)
    : client_(std::move(client)), place_(std::move(place)), listener_(std::move(listener)) {
    offered_.position = place_.position;
    thread_ = std::thread([this] { run(); });
}

ConsumerSaver::~ConsumerSaver() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        is_finishing_ = true;
        finish_until_ = std::chrono::steady_clock::now();
    }
    changed_.notify_all();
    thread_.join();
}

void ConsumerSaver::offer(const std::string& position, std::uint64_t events) {
    bool is_idle = false;
    {
        const std::lock_guard lock(mutex_);
        offered_.position = position;
        offered_.events += events;
        is_idle = is_idle_;
    }
    // between two saves it would wake up for nothing, once a batch
    if (is_idle) changed_.notify_all();
}

void ConsumerSaver::finish() {
    {
        const std::lock_guard lock(mutex_);
        is_finishing_ = true;
        finish_until_ = std::chrono::steady_clock::now() + client_->options.timeout;
    }
    changed_.notify_all();
    thread_.join();
    if (error_) std::rethrow_exception(error_);
}

void ConsumerSaver::run() {
    Offer saved{place_.position, 0};
    while (true) {
        Offer latest;
        {
            std::unique_lock lock(mutex_);
            is_idle_ = true;
            changed_.wait(lock, [&] {
                return is_finishing_ || offered_.position != saved.position;
            });
            is_idle_ = false;
            latest = offered_;
            if (latest.position == saved.position) return;  // finishing, and all is saved
        }
        if (!save(latest)) return;
        saved = std::move(latest);
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, place_.interval, [&] { return is_finishing_; });
    }
}

bool ConsumerSaver::save(const Offer& offer) {
    for (int tries = 1;; ++tries) {
        const TraceContext trace = client_->trace_now();
        api::CallContext context = client_->context(trace);
        context.deadline_ns = system_clock().monotonic_ns() +
                              std::chrono::nanoseconds(client_->options.timeout).count();
        Result<api::ConsumerProgress> progress = client_->backend->consumers().save_and_wait(
            context, {place_.consumer, offer.position, place_.epoch}
        );
        if (progress) {
            listener_.saved(*progress, offer.events);
            return true;
        }
        const Error& error = progress.error();
        listener_.failed(error);
        if (!is_transient(error)) {
            end(error);
            return false;
        }
        std::unique_lock lock(mutex_);
        // a stop that comes now is met by one more try
        changed_.wait_for(lock, wait_before(client_->options.backoff, tries));
        if (is_finishing_ && std::chrono::steady_clock::now() >= finish_until_) {
            lock.unlock();
            end(error);
            return false;
        }
    }
}

void ConsumerSaver::end(const Error& error) {
    try {
        fail(error);
    } catch (const Failure&) {
        const std::lock_guard lock(mutex_);
        error_ = std::current_exception();
    }
    listener_.ended();
}

}  // namespace annals::sdk
