// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include "annals/api/group_history.hpp"
#include "annals/base/result.hpp"
#include "annals/commit/orderer.hpp"

namespace annals::groups {

/// A page of what `$group-<name>` and `$group.parked-<name>` say, put in one order; the limit is
/// checked. Nothing: there never was such a group. invalid_argument with the field `after`. Reads
/// what is durable: no group has to run.
Result<std::optional<api::GroupHistory>> read_history(
    const commit::Orderer& system, const api::GroupHistoryRequest& request
);

}  // namespace annals::groups
