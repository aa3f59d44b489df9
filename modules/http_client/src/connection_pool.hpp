// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "connection.hpp"

namespace annals::http_client {

/// Connections that are idle and can be used again. Any thread. Each call in progress has one of
/// its own, so there are as many as callers at a time.
class ConnectionPool {
  public:
    explicit ConnectionPool(ClientOptions options) : options_(std::move(options)) {}

    /// Asks over a kept connection, or over a new one. A GET that finds its kept connection closed
    /// is sent again over a new one.
    Result<HttpAnswer> ask(const HttpRequest& request);
    [[nodiscard]] const ClientOptions& options() const { return options_; }

  private:
    Result<HttpAnswer> ask_over(std::unique_ptr<Connection> connection, const HttpRequest& request);

    const ClientOptions options_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Connection>> idle_;
};

}  // namespace annals::http_client
