// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include "annals/base/result.hpp"

#include "prepared_append.hpp"
#include "shared_state.hpp"

namespace annals::order_local {

/// Second half of preparing where memory does not have it all: heads, tracking, known ids and
/// queries as of the visible position, from index and log. In a reader's thread.
Status resolve_from_disk(SharedState& state, PreparedAppend& append);

}  // namespace annals::order_local
