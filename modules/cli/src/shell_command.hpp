// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <string_view>

namespace annals::cli {

/// Runs the command by /bin/sh with these bytes as its standard input, and waits for it. Empty when
/// it ended with 0; otherwise what happened instead: its exit code, a signal, or why it could not
/// be started. A command that reads nothing is no fault: the input is a file in memory, not a pipe.
std::string run_shell(const std::string& command, std::string_view input);

}  // namespace annals::cli
