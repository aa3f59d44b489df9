// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <string>

#include "annals/base/uuid.hpp"

namespace annals::commit::testing {

/// An id that is the same in each run.
inline Uuid id_of(std::uint64_t number) { return make_uuid_v5(Uuid{}, std::to_string(number)); }

}  // namespace annals::commit::testing
