// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>

#include "annals/api/consumer_store.hpp"
#include "annals/base/result.hpp"
#include "annals/client/client.hpp"

namespace annals::client {

/// The progress of consumers at a server, over a connection of its own. Any thread; answers of
/// save() come on the client's thread and must be quick. A save that ended with `unavailable` or
/// `outcome_unknown` may have been kept: send it again, the same position is no change.
/// unavailable, with the field `address`, when the server does not answer in time.
Result<std::unique_ptr<api::ConsumerStore>> connect_consumers(const ClientOptions& options);

}  // namespace annals::client
