// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>

#include "annals/api/consumer_groups.hpp"

#include "connection_pool.hpp"
#include "group_answers.hpp"
#include "target.hpp"

namespace annals::http_client {

/// A member of a consumer group by its requests: `target` is its URL, `pool` joins it and the
/// groups that it came from. `says_it_lives`: its thread does, while nobody asks.
std::unique_ptr<api::GroupMembership> make_http_membership(
    std::shared_ptr<ConnectionPool> pool, Target target, JoinedMember joined, bool says_it_lives
);

}  // namespace annals::http_client
