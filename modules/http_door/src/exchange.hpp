// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include "message.hpp"

namespace annals::http_door::detail {

/// One request that waits for its answer. The connection keeps it alive until answer() was called.
class Exchange {
  public:
    Exchange() = default;
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;
    virtual ~Exchange() = default;

    [[nodiscard]] virtual Request& request() = 0;
    /// Exactly once, from any thread, perhaps before the route returns.
    virtual void answer(Response response) = 0;
    /// Answers with a problem.
    void fail(const Error& error) { answer(problem(error, request())); }
};

}  // namespace annals::http_door::detail
