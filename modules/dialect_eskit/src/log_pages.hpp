// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <string_view>

#include <eventstore/service.pb.h>

#include "annals/api/event_store.hpp"

#include "selector.hpp"
#include "translation.hpp"

namespace annals::dialect_eskit {

/// First position to show; `""` is the beginning. `invalid fromID : strconv.ParseUint: …`
/// otherwise.
Result<std::uint64_t> parse_from_id(std::string_view from_id);
/// 0 stands for 20.
std::uint32_t entries_wanted(std::uint32_t size);
/// An entry of the log: its id is the position.
contracts::eventstore::AppLogEntry to_entry(const model::RecordedEvent& event);

/// Logs: entries from an id on that match, at most so many. Waits for the disk.
Result<contracts::eventstore::AppLogResponse> read_log(
    api::EventStore& store,
    const api::CallContext& context,
    const contracts::eventstore::AppLogRequest& request
);

}  // namespace annals::dialect_eskit
