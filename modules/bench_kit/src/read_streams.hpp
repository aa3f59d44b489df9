// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include "bench_run.hpp"

namespace annals::bench_kit {

/// Reads whole streams, picked at random among the loaded ones, 64 in flight; reads a second. Fails
/// when an answer does not hold the 20 events.
Result<double> read_streams(BenchRun& run, double seconds);

}  // namespace annals::bench_kit
