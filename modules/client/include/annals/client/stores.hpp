// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>

#include "annals/api/consumer_groups.hpp"
#include "annals/api/consumer_store.hpp"
#include "annals/base/result.hpp"
#include "annals/client/client.hpp"
#include "annals/entity_api/entity_store.hpp"

namespace annals::client {

/// What a server has, over one connection.
struct Stores {
    std::unique_ptr<RemoteEventStore> events;
    std::unique_ptr<api::ConsumerStore> consumers;
    std::unique_ptr<api::ConsumerGroups> groups;
    std::unique_ptr<api::EntityStore> entities;
};

/// As connect(), connect_consumers(), connect_groups() and connect_entities() together.
Result<Stores> connect_stores(const ClientOptions& options);

}  // namespace annals::client
