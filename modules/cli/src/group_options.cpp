// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "group_options.hpp"

#include "annals/client/group_client.hpp"

#include "connect.hpp"
#include "program.hpp"

namespace annals::cli {

Result<Groups> connect_groups(Session& session) {
    return client::connect_groups(client_options(session.options));
}

GroupOptionsPtr declare_group(CLI::App& command) {
    auto options = std::make_shared<GroupOptions>();
    command.add_option("group", options->group, "its name")->required();
    return options;
}

void declare_why(CLI::App& command, GroupOptions& options, bool is_required) {
    CLI::Option* const reason = command.add_option("--reason", options.reason, "why; kept");
    if (is_required) reason->required();
    command.add_option("--actor", options.actor, "who");
}

void declare_dry_run(CLI::App& command, GroupOptions& options) {
    command.add_flag("--dry-run", options.is_dry_run, "say what would happen, change nothing");
}

}  // namespace annals::cli
