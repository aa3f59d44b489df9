// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include "program.hpp"

namespace annals::cli {

/// `annals group work`: a member that prints events, or runs a command for each.
void add_group_work(Program& program, CLI::App& group);

}  // namespace annals::cli
