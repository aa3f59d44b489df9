// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace annals::base::testing {

/// How often a test with random content goes round: `usual` times the environment's ANNALS_ROUNDS
/// (1 where it is not set), at least once. More for a long look by hand, less under ThreadSanitizer
/// (CMakePresets.json): what runs in one thread has no races, and costs ten times as much there.
inline std::uint64_t rounds(std::uint64_t usual) {
    const char* const asked = std::getenv("ANNALS_ROUNDS");  // NOLINT(concurrency-mt-unsafe)
    const double factor = asked == nullptr ? 1.0 : std::strtod(asked, nullptr);
    const auto wanted = static_cast<std::uint64_t>(static_cast<double>(usual) * factor);
    return std::max<std::uint64_t>(1, wanted);
}

}  // namespace annals::base::testing
