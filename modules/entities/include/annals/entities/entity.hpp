// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include "annals/entities/entity_key.hpp"
#include "annals/entity_api/entity.hpp"

namespace annals::entities {

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
