// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

namespace annals::cli {

/// The program `annals`: parses the command line, does the command, answers the exit code
/// (docs/start/command-line.md). Never throws.
int run(int argc, const char* const* argv);

}  // namespace annals::cli
