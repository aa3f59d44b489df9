// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>

#include "annals/api/event_store.hpp"

#include "core.hpp"

namespace annals::client {

/// A subscription over the server's stream. A bounded number of frames is fetched ahead.
Result<std::unique_ptr<api::Subscription>> subscribe_remote(
    std::shared_ptr<Core> core,
    const api::CallContext& context,
    const api::SubscribeRequest& request
);

}  // namespace annals::client
