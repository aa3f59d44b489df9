// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "annals/api/event_store.hpp"
#include "annals/runtime/worker_pool.hpp"

#include "translation.hpp"

namespace annals::dialect_eskit {

/// One Append of the dialect. Finds the originator's stream, then lets the commit rules decide with
/// two checks: no event has the tag of this id and version, and, for an id that is new, no event
/// has got the id's tag since it was looked for. Who loses a race for a new id looks again.
class AppendCall : public std::enable_shared_from_this<AppendCall> {
  public:
    using Done = std::function<void(Status)>;

    /// The store and the pool, which looks again, outlive the call.
    AppendCall(api::EventStore& store, runtime::WorkerPool& pool, CheckedEvent checked, Done done);

    /// Waits for the disk; `done` is called once, later or before it returns. Not twice.
    void run(const api::CallContext& context);

  private:
    Status attempt(const api::CallContext& context);
    /// Whether an event of another door has this version in the stream.
    Result<bool> is_taken_by_native_event(
        const api::CallContext& context, const std::string& stream
    );
    void on_answer(const Result<api::AppendResponse>& answer);
    void look_again();

    api::EventStore& store_;
    runtime::WorkerPool& pool_;
    const CheckedEvent checked_;
    const StoredForm form_;
    const Done done_;
    // of the context, for a further attempt
    std::string name_space_;
    std::int64_t deadline_ns_ = 0;
    int attempts_left_ = 10;
};

}  // namespace annals::dialect_eskit
