// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <eventstore/service.pb.h>

#include "annals/api/event_store.hpp"

namespace annals::dialect_eskit {

/// GetEvents: all events of an originator by version, up to and including the asked one. Waits for
/// the disk.
Result<contracts::eventstore::GetEventsResponse> get_events(
    api::EventStore& store,
    const api::CallContext& context,
    const contracts::eventstore::GetEventsRequest& request
);

}  // namespace annals::dialect_eskit
