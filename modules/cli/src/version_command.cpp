// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/node/node.hpp"

#include "program.hpp"

namespace annals::cli {

void print_version(Session& session) {
    if (session.format() == OutputFormat::kTable) {
        session.terminal().out << "annals " << node::program_version() << '\n';
    } else {
        session.printer().object(Json{{"version", node::program_version()}});
    }
}

void add_version_command(Program& program) {
    CLI::App& command = *program.app().add_subcommand(
        "version", "print the version of this program"
    );
    command.footer("Example:\n  annals version -o json\n");
    program.on(command, [](Session& session) -> Result<ExitCode> {
        print_version(session);
        return ExitCode::kOk;
    });
}

}  // namespace annals::cli
