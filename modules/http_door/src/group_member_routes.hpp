// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include "desk.hpp"
#include "router.hpp"

namespace annals::http_door::detail {

/// Adds members of consumer groups, who poll for deliveries (docs/reference/http.md).
void add_group_member_routes(Router& router, Desk& desk);

}  // namespace annals::http_door::detail
