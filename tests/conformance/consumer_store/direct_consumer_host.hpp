// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>

#include "annals/consumers/consumer_store.hpp"

#include "consumer_store_contract.hpp"
#include "direct_host.hpp"

namespace annals::conformance {

/// Events and consumers in this process, on files in memory.
class DirectConsumerHost final : public ConsumerStoreHost {
  public:
    api::EventStore& events() override { return direct_.store(); }
    api::ConsumerStore& consumers() override { return *consumers_; }

  private:
    DirectHost direct_;
    std::unique_ptr<api::ConsumerStore> consumers_ = consumers::make_consumer_store(
        static_cast<namespaces::Namespaces&>(direct_.store())
    );
};

}  // namespace annals::conformance
