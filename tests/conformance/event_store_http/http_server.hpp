// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "annals/api/event_store.hpp"
#include "annals/http_client/http_event_store.hpp"
#include "annals/http_door/http_door.hpp"

namespace annals::conformance {

/// Direct bodies behind an HTTP door of its own, for clients. They outlive it.
class HttpServer {
  public:
    explicit HttpServer(
        api::EventStore& store,
        api::ConsumerStore* consumers = nullptr,
        api::ConsumerGroups* groups = nullptr,
        api::EntityStore* entities = nullptr
    ) {
        http_door::HttpHandlers handlers;
        handlers.readiness = [] { return http_door::Readiness{true, "serving", ""}; };
        handlers.metrics_text = [] { return std::string(); };
        door_ = std::move(http_door::HttpDoor::start({}, std::move(handlers)).value());
        door_->open_store(store, consumers, groups, entities);
    }

    [[nodiscard]] http_client::ClientOptions client_options() const {
        http_client::ClientOptions options;
        options.port = static_cast<std::uint16_t>(door_->port());
        return options;
    }

  private:
    std::unique_ptr<http_door::HttpDoor> door_;
};

}  // namespace annals::conformance
