// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>

#include "annals/api/event_store.hpp"

namespace annals::client {

struct BulkOptions {
    /// Appends sent and not yet answered, and their bytes; append() waits beyond them.
    std::size_t appends_max = 64;
    std::size_t bytes_max = 32u << 20u;
};

/// Many appends over one call (annals.v1.EventStore.AppendStream), for imports. Each is decided by
/// itself, in the order given, and answered in that order; a refused one does not end the call.
/// One thread appends; answers come on the client's thread and must be quick there.
class BulkAppender {
  public:
    BulkAppender() = default;
    BulkAppender(const BulkAppender&) = delete;
    BulkAppender& operator=(const BulkAppender&) = delete;
    /// Cancels what finish() did not wait for; its answers come before this returns.
    virtual ~BulkAppender() = default;

    /// Waits while too much is under way, then sends; up to 64 MiB, in parts where needed. `done`
    /// is called once, with the call's error when the call breaks.
    virtual void append(const model::AppendRequest& request, api::AppendDone done) = 0;
    /// Waits for all answers and ends the call. Nothing may be appended afterwards.
    virtual Status finish() = 0;
};

}  // namespace annals::client
