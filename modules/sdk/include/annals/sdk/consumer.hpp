// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "annals/sdk/page.hpp"
#include "annals/sdk/select.hpp"

namespace annals {

/// How a consumer reads and saves.
struct ConsumerOptions {
    SubscribeOptions subscribe = {};
    std::string owner = {};  ///< who it is, for people; empty: host and process
    /// Least time between two saves: a crash gives the events of that time again, and those of the
    /// batch in hand. 0 to a year.
    std::chrono::milliseconds save_interval{50};
    /// run() saves the place within a batch that takes longer, so often; each costs a read. 0 to a
    /// year.
    std::chrono::milliseconds save_within{1'000};
};

/// What is kept of a consumer beside its events.
struct ConsumerProgress {
    std::string consumer;
    std::string position;  ///< token of the last event that was handled; empty: none
    Position at;
    std::uint64_t epoch = 0;  ///< counts claims and rewinds
    std::string owner;
    std::optional<std::uint64_t> behind;  ///< all events of the log behind it
    std::string problem;  ///< name of the error that going on gives: rewind it. Empty: none
};

/// How a running consumer is doing.
struct Progress {
    bool is_running = false;
    bool is_live = false;       ///< history was given and what comes is new
    std::uint64_t handled = 0;  ///< events since the start of run()
    std::uint64_t saved = 0;    ///< of these
    std::string position;       ///< saved
    Position at;
    std::optional<std::uint64_t> behind;  ///< events of the log behind it, at the last save
    /// Age of the event in hand, or of the one handled last while history is being given; 0:
    /// nothing waits, or it does not run.
    double seconds_behind = 0;
    double events_per_second = 0;  ///< since the start of run()
    std::uint64_t reconnects = 0;
    std::string last_error;  ///< of a connection or a save, mended or not
};

/// A named reader whose place is kept beside the events: stopped, killed or moved to another
/// machine, it goes on where it was. Events come in order, each at least once; a crash gives those
/// again that were handled and not yet saved. What the handler appends with Event::tracking is
/// stored once all the same. run() once at a time; progress() from any thread.
class Consumer {
  public:
    class Impl;
    explicit Consumer(std::shared_ptr<Impl> impl);

    /// Claims the consumer, which ends an older instance, and gives event after event to `handle`
    /// until `stop` is requested; then it lets the handler finish its event, saves, and returns.
    /// Broken connections and restarts of the server do not end it. What ends it: an exception of
    /// the handler (already_tracked is none: it was handled before): what was not saved of its
    /// batch comes again next time; consumer_fenced; what trying again does not mend.
    void run(const std::function<void(const Event&)>& handle, const std::stop_token& stop = {});
    /// The same, batch by batch; a stop lets the handler finish its batch.
    void run_batches(
        const std::function<void(const Batch&)>& handle, const std::stop_token& stop = {}
    );
    [[nodiscard]] Progress progress() const;

  private:
    std::shared_ptr<Impl> impl_;  // copies are one consumer
};

}  // namespace annals
