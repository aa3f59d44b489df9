// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <CLI/CLI.hpp>

namespace annals::cli {

class Program;

/// `group parked …`: events that failed, and what waits behind them.
void add_group_parked(Program& program, CLI::App& parent);

}  // namespace annals::cli
