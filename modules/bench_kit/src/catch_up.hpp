// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <string>

#include "annals/base/result.hpp"

#include "bench_run.hpp"

namespace annals::bench_kit {

/// Events a second of a subscription from the start until it has caught up (or so many were read).
/// `message_like` gets a message of 100 events, unless it has one.
Result<double> catch_up(BenchRun& run, std::uint64_t events_max, std::string& message_like);

}  // namespace annals::bench_kit
