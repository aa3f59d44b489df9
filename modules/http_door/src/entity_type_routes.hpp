// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include "desk.hpp"
#include "router.hpp"

namespace annals::http_door::detail {

/// Adds types of entities and their schemas (docs/reference/http.md).
void add_entity_type_routes(Router& router, Desk& desk);

}  // namespace annals::http_door::detail
