// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "connection_pool.hpp"

#include <utility>

namespace annals::http_client {

Result<HttpAnswer> ConnectionPool::ask(const HttpRequest& request) {
    std::unique_ptr<Connection> kept;
    {
        const std::lock_guard lock(mutex_);
        if (!idle_.empty()) {
            kept = std::move(idle_.back());
            idle_.pop_back();
        }
    }
    if (kept) {
        Result<HttpAnswer> answer = ask_over(std::move(kept), request);
        const bool is_safe = request.method == "GET" ||
                             (!answer && answer.error().code() == ErrorCode::kUnavailable);
        if (answer || !is_safe) return answer;
    }
    auto fresh = std::make_unique<Connection>(options_);
    ANNALS_CHECK(fresh->connect());
    return ask_over(std::move(fresh), request);
}

Result<HttpAnswer> ConnectionPool::ask_over(
    std::unique_ptr<Connection> connection, const HttpRequest& request
) {
    ANNALS_TRY(HttpAnswer answer, connection->ask(request));
    if (connection->is_usable()) {
        const std::lock_guard lock(mutex_);
        if (idle_.size() < options_.kept_connections_max) idle_.push_back(std::move(connection));
    }
    return answer;
}

}  // namespace annals::http_client
