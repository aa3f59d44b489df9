// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "annals/api/consumer_store.hpp"

#include "client_impl.hpp"

namespace annals::sdk {

/// Keeps a consumer's place, one save at a time, in a thread of its own while the next batches are
/// handled: a save takes what was handled until it begins. One thread offers.
class ConsumerSaver {
  public:
    struct Listener {
        /// A save took so many events since the beginning; from the saver's thread, as the others.
        std::function<void(const api::ConsumerProgress&, std::uint64_t events)> saved;
        /// A save failed and is tried again.
        std::function<void(const Error&)> failed;
        /// Saving ended for good: finish() throws why.
        std::function<void()> ended;
    };
    struct Place {
        std::string consumer;
        std::uint64_t epoch = 0;
        std::string position;
        std::chrono::milliseconds interval;  ///< least time between two saves
    };

    ConsumerSaver(std::shared_ptr<const Client::Impl> client, Place place, Listener listener);
    ConsumerSaver(const ConsumerSaver&) = delete;
    ConsumerSaver& operator=(const ConsumerSaver&) = delete;
    ~ConsumerSaver();

    /// So many more events were handled, up to this position.
    void offer(const std::string& position, std::uint64_t events);
    /// Saves what is left, for at most the client's timeout. Throws what saving ended with.
    void finish();

  private:
    struct Offer {
        std::string position;
        std::uint64_t events = 0;
    };
    void run();
    /// Whether it was saved; tries until the store answers, once finishing until the timeout.
    bool save(const Offer& offer);
    void end(const Error& error);

    const std::shared_ptr<const Client::Impl> client_;  // joined to the consumer that saves
    const Place place_;
    const Listener listener_;
    std::mutex mutex_;
    std::condition_variable changed_;
    Offer offered_;
    bool is_idle_ = false;  ///< waits for an offer
    bool is_finishing_ = false;
    std::chrono::steady_clock::time_point finish_until_;
    std::exception_ptr error_;
    std::thread thread_;
};

}  // namespace annals::sdk
