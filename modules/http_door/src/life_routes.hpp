// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include "desk.hpp"
#include "router.hpp"

namespace annals::http_door::detail {

/// Adds the life of a stream: metadata, delete, truncate, tombstone (docs/reference/http.md).
void add_life_routes(Router& router, Desk& desk);

}  // namespace annals::http_door::detail
