// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include "samples/router.hpp"
#include "user_store.hpp"

namespace users {

/// The REST routes of eskit's users service, `/v1/healtz` as its gateway has it, and
/// `/openapi.json`.
void add_user_routes(samples::Router& router, const UserStore& users);

}  // namespace users
