// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>

#include "annals/config/server_settings.hpp"
#include "annals/node/node.hpp"

#include "terminal.hpp"

namespace annals::cli {

/// What runs where, what was recovered, and three things to try next.
void show_first_screen(
    Terminal& terminal,
    const config::ServerSettings& settings,
    const node::Node& node,
    const std::string& program_name
);

}  // namespace annals::cli
