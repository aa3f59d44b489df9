// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

namespace users {

/// The OpenAPI document of the HTTP door, openapi.json.
extern const char* const kOpenApi;

}  // namespace users
