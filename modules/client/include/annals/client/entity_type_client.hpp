// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>

#include "annals/base/result.hpp"
#include "annals/client/client.hpp"
#include "annals/entities/entity_types.hpp"

namespace annals::client {

/// The entity types of a server, over a connection of its own. Any thread. unavailable, with the
/// field `address`, when the server does not answer in time.
Result<std::unique_ptr<entities::EntityTypeStore>> connect_entity_types(const ClientOptions& options
);

}  // namespace annals::client
