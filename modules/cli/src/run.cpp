// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/cli/run.hpp"

#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "connect.hpp"
#include "program.hpp"

namespace annals::cli {

int run(int argc, const char* const* argv) {
    Terminal terminal = standard_terminal();
    try {
        std::ios::sync_with_stdio(false);
        Session session(terminal, connect_to_server);
        if (argc > 0) session.program_name = argv[0];
        Program program(session);
        add_commands(program);
        const ExitCode code = program.run(std::vector<std::string>(argv + 1, argv + argc));
        terminal.out.flush();
        return static_cast<int>(code);
    } catch (const std::exception& error) {
        terminal.err << "annals: " << error.what() << '\n';
        return static_cast<int>(ExitCode::kFailed);
    }
}

}  // namespace annals::cli
