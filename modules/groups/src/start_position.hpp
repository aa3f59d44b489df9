// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string_view>

#include "annals/api/requests.hpp"
#include "annals/base/result.hpp"
#include "annals/commit/orderer.hpp"
#include "annals/namespaces/namespaces.hpp"

namespace annals::groups {

/// Where a group begins that starts so: the position before the first event that it looks at. A
/// time costs a read. token_unknown, token_beyond_end with the field, which
/// is what the request calls the start.
Result<Position> start_position(
    namespaces::Namespaces& namespaces,
    commit::Orderer& events,
    std::string_view name_space,
    const api::SubscribeStart& start,
    std::string_view field
);

}  // namespace annals::groups
