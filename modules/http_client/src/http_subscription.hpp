// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>

#include "annals/api/event_store.hpp"

#include "connection.hpp"

namespace annals::http_client {

/// Reads a subscription from a connection whose answer to the request has begun. A bounded number
/// of frames is read ahead.
std::unique_ptr<api::Subscription> make_http_subscription(
    std::unique_ptr<Connection> connection, HttpRequest request, std::size_t frames_max
);

}  // namespace annals::http_client
