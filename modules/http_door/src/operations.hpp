// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include "annals/http_door/http_door.hpp"

#include "desk.hpp"
#include "router.hpp"

namespace annals::http_door::detail {

/// Health, metrics, version and the page that lists them. The handlers must outlive the router.
void add_operations_routes(Router& router, Desk& desk, const HttpHandlers& handlers);

}  // namespace annals::http_door::detail
