// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "annals/api/consumer_store.hpp"
#include "annals/commit/orderer.hpp"
#include "annals/runtime/turns.hpp"
#include "annals/runtime/worker_pool.hpp"

#include "decisions.hpp"
#include "record_cache.hpp"

namespace annals::consumers {

/// The two logs of a namespace, held open.
struct Logs {
    std::shared_ptr<commit::Orderer> events;
    std::shared_ptr<commit::Orderer> system;
};

class Change;

/// Changes of one consumer happen in the order of their coming: an instance that saves without a
/// pause would else keep others from claiming what it has.
using ChangeTurns = runtime::Turns<Change>;

/// What all changes share; must outlive them.
struct ChangeTools {
    RecordCache& cache;
    ChangeTurns& turns;
    runtime::WorkerPool& pool;  ///< for those that waited for their turn or must decide again
};

/// One change of one consumer, from its request to its answer. Owns all it needs.
struct ChangeRequest {
    std::string consumer;
    std::string actor;  ///< of the event; may be empty
    std::function<Decision(const Current&)> decide;
    api::SaveDone done;
    // of the call's context
    std::string principal;
    std::string traceparent;
    std::string tracestate;
    std::int64_t deadline_ns = 0;
};

/// Waits for its turn with the consumer; decides on the last record and appends what follows at its
/// revision; where a change came first all the same, of another server's, decides again in the
/// pool. `done` is called once: from here when there is nothing to append, else from the orderer's
/// thread or the pool.
class Change final : public std::enable_shared_from_this<Change> {
  public:
    static constexpr int kTriesMax = 32;

    static void start(const ChangeTools& tools, Logs logs, ChangeRequest request);

  private:
    struct Passkey {};

  public:
    Change(Passkey, const ChangeTools& tools, Logs logs, ChangeRequest request);

  private:
    void run();
    /// The last record, or nothing; waits for one that somebody else wrote and that the log does
    /// not show yet.
    Result<std::optional<LastRecord>> read_log();
    void submit(Record next, const std::optional<LastRecord>& last);
    void on_answer(Record next, Result<model::AppendResult> answer);
    void try_again(const Error& conflict);
    /// The turn is over: in the pool it is the next one's, for this may be the orderer's thread.
    void hand_on();
    void finish(Result<api::ConsumerProgress> result);
    static Error too_many();

    const ChangeTools tools_;
    const Logs logs_;
    ChangeRequest request_;
    const std::string stream_;
    const Uuid log_id_;
    const std::string turn_;            ///< the consumer's, of all logs
    std::optional<Revision> at_least_;  ///< a conflict told that the stream has come so far
    int tries_ = 0;
};

}  // namespace annals::consumers
