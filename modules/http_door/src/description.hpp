// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <string_view>

#include "router.hpp"

namespace annals::http_door::detail {

/// The OpenAPI 3.1 description of all routes: openapi.json, with the routes of other namespaces
/// added.
std::string openapi_json(std::string_view version);

/// GET /openapi.json, and GET /docs, a page that shows it.
void add_description_routes(Router& router, std::string_view version);

// openapi.json and reference.html, built in.
std::string_view openapi_text();
std::string_view reference_page();

}  // namespace annals::http_door::detail
