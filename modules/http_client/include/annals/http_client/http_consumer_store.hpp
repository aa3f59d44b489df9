// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>

#include "annals/api/consumer_store.hpp"
#include "annals/http_client/http_event_store.hpp"

namespace annals::http_client {

/// The consumers of a server, over HTTP: a remote body of `api::ConsumerStore`. Any thread; calls
/// wait on the caller's, save() calls back before it returns. Connects with the first call.
std::unique_ptr<api::ConsumerStore> make_http_consumer_store(const ClientOptions& options);

}  // namespace annals::http_client
