// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <string_view>

#include "router.hpp"

namespace annals::http_door::detail {

/// The OpenAPI 3.1 description of all routes: openapi.json, with the problems that each may answer
/// and the routes of other namespaces added.
std::string openapi_json(std::string_view version);

/// The AsyncAPI 3.0 description of what feeds and websockets say: asyncapi.json, with the schemas
/// that it shares with openapi.json and the channels of other namespaces added.
std::string asyncapi_json(std::string_view version);

/// GET /openapi.json, GET /asyncapi.json, and GET /docs, a page that shows the first and links the
/// second.
void add_description_routes(Router& router, std::string_view version);

// openapi.json, asyncapi.json and reference.html, built in.
std::string_view openapi_text();
std::string_view asyncapi_text();
std::string_view reference_page();

}  // namespace annals::http_door::detail
