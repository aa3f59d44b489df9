// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>

#include "annals/api/consumer_groups.hpp"
#include "annals/api/requests.hpp"
#include "annals/base/result.hpp"
#include "annals/model/event_batch.hpp"

namespace annals::json_events {

// What the HTTP door answers, read again: for its clients. invalid_argument with the place of what
// is not as append_event() and append_answer() write it.

/// An array of events with position, revision and recorded time.
Result<model::EventBatch> parse_events(std::string json_array);
/// One such event.
Result<model::EventBatch> parse_event(std::string json_object);
/// A page of a read.
Result<api::ReadPage> parse_page(std::string json_object);
/// What a member of a consumer group fetched: each event with its delivery and attempt.
Result<api::GroupDeliveries> parse_deliveries(std::string json_object);
/// The event that is the member `event` of an object, with what else lies there; an empty batch
/// where it has none.
Result<model::EventBatch> parse_member_event(std::string json_object);

}  // namespace annals::json_events
