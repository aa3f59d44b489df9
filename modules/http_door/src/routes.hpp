// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include "annals/http_door/http_door.hpp"

#include "desk.hpp"
#include "router.hpp"

namespace annals::http_door::detail {

/// All that the door serves, and who is let in. Desk and handlers must outlive the router.
void add_routes(Router& router, Desk& desk, const HttpHandlers& handlers);

}  // namespace annals::http_door::detail
