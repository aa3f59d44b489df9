// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <string_view>

#include "annals/base/result.hpp"
#include "annals/entities/entity_types.hpp"
#include "annals/model/event.hpp"

namespace annals::entities {

inline constexpr std::string_view kTypeStreams = "$entity-type-";
inline constexpr std::string_view kTypePut = "$entity-type-put";
inline constexpr std::string_view kTypeDeleted = "$entity-type-deleted";

/// `$entity-type-<type>`, the type encoded as in the streams of its entities.
std::string type_stream_of(std::string_view type);

/// Data of the event: one holds everything (docs/formats/entities.md).
std::string type_data_of(const EntityType& type);
/// entity_unreadable, with the revision, for data that is none.
Result<EntityType> parse_type_event(const model::RecordedEvent& event);
/// The data alone; what fuzzing reads.
Result<EntityType> parse_type_data(std::string_view data);

}  // namespace annals::entities
