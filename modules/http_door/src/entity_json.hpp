// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <vector>

#include "annals/entity_api/entity.hpp"

namespace annals::http_door::detail {

// Entities as JSON (docs/reference/http.md). Documents and patches as they are stored, every digit
// of their numbers.

std::string to_json(const api::Entity& entity);
std::string to_json(const api::Written& written);
std::string to_json(const std::vector<api::Written>& written, const std::string& position);
std::string to_json(const api::History& history);
std::string to_json(const api::Difference& difference);
std::string to_json(const api::EntityPage& page, bool skips_documents);
std::string to_json(const api::EntityCount& count);

}  // namespace annals::http_door::detail
