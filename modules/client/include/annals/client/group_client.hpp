// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>

#include "annals/api/consumer_groups.hpp"
#include "annals/base/result.hpp"
#include "annals/client/client.hpp"

namespace annals::client {

/// The consumer groups of a server, over a connection of its own. Any thread. A membership is one
/// call: when it breaks, try_next and settle answer `unavailable`, and what was not settled is
/// given out again; join again. A change that ended with `unavailable` may have been made: look.
/// `is_polling` is not for this body, whose memberships listen. unavailable, with the field
/// `address`, when the server does not answer in time.
Result<std::unique_ptr<api::ConsumerGroups>> connect_groups(const ClientOptions& options);

}  // namespace annals::client
