// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "annals/base/uuid.hpp"

namespace annals::crash {

/// Which append of the load: the same key makes the same append again, in any process.
struct PlanKey {
    std::uint64_t seed = 0;
    std::uint32_t thread = 0;
    std::uint32_t number = 0;  ///< from 1
};

struct PlannedEvent {
    std::string stream;
    Uuid id;
    std::string type;
    std::string data;
};

/// One append of 1 to 6 events over 1 to 3 of a few streams that all threads share; now and then a
/// large event.
std::vector<PlannedEvent> plan_append(const PlanKey& key);

}  // namespace annals::crash
