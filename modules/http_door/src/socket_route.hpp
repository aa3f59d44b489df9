// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string_view>

#include "desk.hpp"
#include "router.hpp"

namespace annals::http_door::detail {

/// GET ws. The desk must outlive the router.
void add_socket_route(Router& router, Desk& desk);

/// Whether a page of this origin may open a websocket here: none given (no browser), the server's
/// own by the header Host, or one of those allowed.
bool is_allowed_origin(
    std::string_view origin, std::string_view host, const std::vector<std::string>& allowed
);

}  // namespace annals::http_door::detail
