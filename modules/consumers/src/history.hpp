// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include "annals/api/consumer_history.hpp"
#include "annals/base/result.hpp"
#include "annals/commit/orderer.hpp"

namespace annals::consumers {

/// A page of what the events of `$consumer-<name>` say; the limit is checked. consumer_not_found,
/// invalid_argument with the field `after`.
Result<api::ConsumerHistory> read_history(
    const commit::Orderer& system, const api::ConsumerHistoryRequest& request
);

}  // namespace annals::consumers
