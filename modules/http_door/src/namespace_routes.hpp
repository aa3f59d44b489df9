// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include "desk.hpp"
#include "router.hpp"

namespace annals::http_door::detail {

/// GET and POST namespaces, DELETE namespaces/{name}, GET info. The desk must outlive the router.
void add_namespace_routes(Router& router, Desk& desk);

}  // namespace annals::http_door::detail
