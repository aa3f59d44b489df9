// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>

#include "annals/api/consumer_store.hpp"
#include "annals/commit/orderer.hpp"

#include "last_record.hpp"

namespace annals::consumers {

/// What is shown of a record: with how far it is behind the end of the users' log, or what is wrong
/// with its position.
api::ConsumerProgress progress_of(
    std::string consumer, const LastRecord& last, commit::Orderer& events
);

}  // namespace annals::consumers
