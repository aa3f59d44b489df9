// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include "desk.hpp"
#include "router.hpp"

namespace annals::http_door::detail {

/// GET ws. The desk must outlive the router.
void add_socket_route(Router& router, Desk& desk);

}  // namespace annals::http_door::detail
