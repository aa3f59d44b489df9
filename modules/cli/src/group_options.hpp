// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "annals/api/consumer_groups.hpp"
#include "annals/base/result.hpp"

#include "selection.hpp"

namespace annals::cli {

class Session;

/// What the commands about groups take, each its part.
struct GroupOptions {
    std::string group;
    Selection selection;
    api::GroupSettings settings;
    std::string strategy = "per_key";
    std::string key = "stream";
    std::string place;
    std::string reason;
    std::string actor;
    std::vector<std::uint64_t> positions;
    std::string data;
    std::string content_type;
    std::optional<std::string> metadata;
    std::uint32_t limit = 0;
    bool all = false;
    bool is_confirmed = false;
    bool is_dry_run = false;
};
using GroupOptionsPtr = std::shared_ptr<GroupOptions>;

using Groups = std::unique_ptr<api::ConsumerGroups>;

/// Of the server that the session is about.
Result<Groups> connect_groups(Session& session);

/// The group's name, the first argument.
GroupOptionsPtr declare_group(CLI::App& command);
/// --reason and --actor.
void declare_why(CLI::App& command, GroupOptions& options, bool is_required);
void declare_dry_run(CLI::App& command, GroupOptions& options);

}  // namespace annals::cli
