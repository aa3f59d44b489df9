// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include "annals/api/consumer_groups.hpp"
#include "annals/api/consumer_store.hpp"
#include "annals/api/event_store.hpp"
#include "annals/entity_api/entity_store.hpp"

namespace annals::sdk {

/// What lies behind a client: the seams of a server, or of a folder in this process. Any thread.
class Backend {
  public:
    Backend() = default;
    Backend(const Backend&) = delete;
    Backend& operator=(const Backend&) = delete;
    virtual ~Backend() = default;

    virtual api::EventStore& events() = 0;
    virtual api::ConsumerStore& consumers() = 0;
    virtual api::ConsumerGroups& groups() = 0;
    virtual api::EntityStore& entities() = 0;
};

}  // namespace annals::sdk
