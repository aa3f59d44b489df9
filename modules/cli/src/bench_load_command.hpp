// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include "program.hpp"

namespace annals::cli {

/// `annals bench load`, within `annals bench`.
void add_bench_load_command(Program& program, CLI::App& bench_command);

}  // namespace annals::cli
