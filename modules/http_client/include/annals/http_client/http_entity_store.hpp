// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>

#include "annals/entity_api/entity_store.hpp"
#include "annals/http_client/http_event_store.hpp"

namespace annals::http_client {

/// The entities of a server, over HTTP: a remote body of `api::EntityStore`. Any thread; calls wait
/// on the caller's. Connects with the first call. A change whose connection broke is
/// outcome_unknown: send it again with its idempotency key or expected revision.
std::unique_ptr<api::EntityStore> make_http_entity_store(const ClientOptions& options);

}  // namespace annals::http_client
