// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include "desk.hpp"
#include "router.hpp"

namespace annals::http_door::detail {

/// Adds consumer groups, their state and what is parked (docs/reference/http.md).
void add_group_routes(Router& router, Desk& desk);

}  // namespace annals::http_door::detail
