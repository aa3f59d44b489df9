// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <vector>

#include "annals/entities/entity_types.hpp"

namespace annals::http_door::detail {

// Types of entities as JSON (docs/reference/http.md). Schemas as they are stored, every digit of
// their numbers. Pure functions.

std::string to_json(const entities::EntityType& type);
std::string to_json(const entities::EntityTypeList& list);
/// `{"versions": […]}`
std::string to_json(const std::vector<entities::EntityType>& versions);
std::string to_json(const entities::SchemaReport& report);

}  // namespace annals::http_door::detail
