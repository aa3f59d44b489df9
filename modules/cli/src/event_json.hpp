// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string_view>
#include <vector>

#include "annals/api/requests.hpp"
#include "annals/model/event.hpp"

#include "printer.hpp"

namespace annals::cli {

/// An event as programs see it: members in a fixed order, those without a value left out. JSON data
/// is embedded with every digit of its numbers; other text becomes a string, other bytes
/// `data_base64url`.
Json event_to_json(const model::RecordedEvent& event);

/// What tables show of it: adds `time`, when it happened, or else when it was recorded.
Json event_to_row(const model::RecordedEvent& event);

enum class EventView : unsigned char { kOneStream, kManyStreams };
std::vector<Column> event_columns(EventView view);

}  // namespace annals::cli
