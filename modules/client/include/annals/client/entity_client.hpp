// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>

#include "annals/base/result.hpp"
#include "annals/client/client.hpp"
#include "annals/entity_api/entity_store.hpp"

namespace annals::client {

/// A connection to `annals.v1.EntityStore` of a server, as the remote body of `api::EntityStore`.
/// unavailable when the server does not answer in time. Calls wait; any thread. A connection of its
/// own beside that of connect().
Result<std::unique_ptr<api::EntityStore>> connect_entities(const ClientOptions& options);

}  // namespace annals::client
