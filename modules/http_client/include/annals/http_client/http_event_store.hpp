// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "annals/api/event_store.hpp"
#include "annals/base/result.hpp"

namespace annals::http_client {

struct ClientOptions {
    std::string host = "127.0.0.1";
    std::uint16_t port = 7401;
    std::size_t kept_connections_max = 64;  ///< idle ones that are used again
    std::size_t subscription_frames_max =
        16;  ///< that wait for their reader; then the server waits
};

/// The event store of a server, over HTTP. Any thread; calls wait on the caller's. Connects with
/// the first call: unavailable, with the field `address`, when nobody listens. An append whose
/// connection broke is outcome_unknown: send it again with the same ids or idempotency key. Destroy
/// subscriptions first.
std::unique_ptr<api::EventStore> make_http_event_store(const ClientOptions& options);

}  // namespace annals::http_client
