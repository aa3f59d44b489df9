// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include "annals/entities/entity_store.hpp"

#include "direct_host.hpp"
#include "entity_store_contract.hpp"

namespace annals::conformance {

/// The store in this process, on files in memory.
class DirectEntityHost final : public EntityStoreHost {
  public:
    api::EventStore& events() override { return events_.store(); }
    api::EntityStore& entities() override { return entities_; }

  private:
    DirectHost events_;
    entities::EntityStore entities_{events_.store()};
};

}  // namespace annals::conformance
