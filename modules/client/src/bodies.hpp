// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>

#include "annals/api/consumer_groups.hpp"
#include "annals/api/consumer_store.hpp"
#include "annals/client/client.hpp"
#include "annals/entity_api/entity_store.hpp"

#include "core.hpp"

namespace annals::client {

// The remote bodies over a connection that is there.

std::unique_ptr<RemoteEventStore> make_event_store(std::shared_ptr<Core> core);
std::unique_ptr<api::ConsumerStore> make_consumer_store(std::shared_ptr<Core> core);
std::unique_ptr<api::ConsumerGroups> make_groups(std::shared_ptr<Core> core);
std::unique_ptr<api::EntityStore> make_entities(std::shared_ptr<Core> core);

}  // namespace annals::client
