// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "annals/api/consumer_groups.hpp"
#include "annals/api/consumer_store.hpp"
#include "annals/api/event_store.hpp"
#include "annals/entity_api/entity_store.hpp"
#include "annals/sdk/options.hpp"

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

/// Checks what both kinds of client share of the options. Throws invalid_argument.
void check_options(const ClientOptions& options);
/// The same of one of their times, by its name.
void check_time(const char* field, std::chrono::milliseconds time);

}  // namespace annals::sdk
