// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "annals/commit/recent_events.hpp"
#include "annals/commit/recorded_clock.hpp"
#include "annals/order_local/local_orderer.hpp"
#include "annals/runtime/bounded_queue.hpp"
#include "annals/runtime/give_way.hpp"
#include "annals/runtime/thread.hpp"

#include "append_pool.hpp"
#include "local_view.hpp"
#include "prepared_append.hpp"
#include "shared_state.hpp"

namespace annals::order_local {

using AppendQueue = runtime::BoundedQueue<std::unique_ptr<PreparedAppend>>;

/// What the writer leaves to the orderer around it. Called from the writer's thread, must not
/// block.
struct WriterExits {
    /// The append needs what lies on the disk: prepare it again, then queue it.
    std::function<void(std::unique_ptr<PreparedAppend>)> prepare_again;
    /// The append's answer is the first result at replay_first, which is durable.
    std::function<void(std::unique_ptr<PreparedAppend>)> answer_replay;
    /// So many appends, so many bytes have left.
    std::function<void(std::size_t appends, std::size_t bytes)> left;
};

/// The one writer of a log: takes what is queued, decides it in order, writes it as one group,
/// syncs once, feeds the index, shows it, answers all; and again. No fixed delay: while the disk
/// works, the callers' threads prepare the next group. Sleeps only when nothing is queued.
///
///     queue -> reserve -> decide, add ... -> write -> sync -> index -> visible -> answers
///
/// Interval durability: the answers come after write; sync, index and visible follow in their time,
/// until then the appends wait in `unsynced_`.
///
/// A failed write or sync poisons the log (log-and-rules 1.3): what rests on events that are not
/// durable is answered outcome_unknown, everything later read_only.
class Writer {
  public:
    Writer(
        SharedState& state,
        const OrdererOptions& options,
        AppendQueue& queue,
        AppendPool& pool,
        WriterExits exits
    );

    void start();
    /// To be called once the queue is closed: waits until everything is answered and synced.
    void join() { thread_.join(); }

    /// From now on nothing waits for the interval: what is written is synced at once, and who
    /// waited for that is answered. For closing. Any thread.
    void hurry();
    /// Does the work in the writer's thread between two groups, when all that was accepted is
    /// visible. Waits for the writer. Any thread. read_only: poisoned; shutting_down: too late.
    Status between_groups(const std::function<Status()>& work);
    /// See commit::RecordedClock. Any thread.
    [[nodiscard]] TimeNs now() const { return clock_.now(); }
    [[nodiscard]] bool is_clock_distrusted() const { return clock_.is_clock_distrusted(); }
    /// Empty while appends are taken. Any thread.
    [[nodiscard]] std::string read_only_reason() const;

  private:
    using Appends = std::vector<std::unique_ptr<PreparedAppend>>;

    void run();
    bool take_group();
    [[nodiscard]] std::int64_t wait_ns() const;
    void do_what_is_due();
    void do_what_was_asked();

    void commit_group();
    bool reserve_group();
    void decide_group();
    void decide_one(PreparedAppend& append, TimeNs time);
    bool prove_tokens(PreparedAppend& append);
    void accept(PreparedAppend& append, TimeNs time);
    void remember_ids(const PreparedAppend& append);
    void finish_group();
    void finish_group_in_interval();

    bool sync();
    void show(const Appends& appends);
    void index_append(PreparedAppend& append);
    void flush_index_buffer();
    void poison(const Error& error);

    void count_answer(const PreparedAppend& append) const;
    void answer_all(Appends& appends);
    void answer(std::unique_ptr<PreparedAppend> append);
    void answer_error(std::unique_ptr<PreparedAppend> append, Error error);
    void send_back(std::unique_ptr<PreparedAppend> append);
    [[nodiscard]] model::AppendResult result_of(PreparedAppend& append, bool is_durable) const;
    void count_left(const PreparedAppend& append);
    void release_unsynced();
    void release_answered();

    SharedState& state_;
    const OrdererOptions& options_;
    AppendQueue& queue_;
    AppendPool& pool_;
    const WriterExits exits_;

    commit::RecentEvents recent_;
    commit::RecordedClock clock_;
    LocalView view_;
    commit::Decision decision_;

    Appends drained_;
    std::size_t next_ = 0;  ///< in drained_
    runtime::GiveWay give_way_;
    Appends group_;
    Appends unsynced_;  ///< interval mode: accepted, answered, not durable
    Appends waiting_;   ///< interval mode: replays of what is not durable yet
    Appends answered_;  ///< to be given back
    std::size_t left_appends_ = 0;
    std::size_t left_bytes_ = 0;
    std::size_t unsynced_bytes_ = 0;
    GroupFigures figures_;  ///< of what was accepted since the last sync
    std::vector<index::IndexedEvent> index_buffer_;
    std::uint64_t index_buffer_chain_ = 0;

    std::int64_t last_sync_ns_ = 0;
    std::int64_t answers_ns_ = 0;  ///< when the answers that are given now were begun
    bool is_mark_due_ = false;
    std::atomic<bool> is_hurried_{false};
    bool is_poisoned_ = false;
    bool is_finished_ = false;

    struct Asked {
        const std::function<Status()>* work;
        std::promise<Status>* done;
    };
    std::mutex asked_mutex_;    ///< of the two below
    std::vector<Asked> asked_;  ///< who waits in between_groups()
    bool has_ended_ = false;

    mutable std::mutex reason_mutex_;
    std::string reason_;
    runtime::Thread thread_;
};

}  // namespace annals::order_local
