// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string_view>

#include "annals/entities/entity_key.hpp"
#include "annals/entity_api/entity.hpp"

namespace annals::entities {

/// Reserved field of an event: documents::hash_of what it makes of the entity. A fold that comes to
/// another document is noticed by it, so whoever writes it knows what the fold will give
/// (docs/formats/entities.md).
inline constexpr std::string_view kHashField = "entity.hash";

// The words of the seam are those of this parcel.
using api::AsOf;
using api::Change;
using api::ChangeKind;
using api::Difference;
using api::Entity;
using api::EntityCount;
using api::EntityPage;
using api::GetOptions;
using api::History;
using api::ListEntities;
using api::NewEntity;
using api::Stamp;
using api::UnreadableEntity;
using api::WriteOptions;
using api::Written;

}  // namespace annals::entities
