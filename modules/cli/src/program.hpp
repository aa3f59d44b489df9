// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "exit_code.hpp"
#include "session.hpp"

namespace annals::cli {

/// Answer to a change of a stream's life, for programs.
Json life_to_json(const api::LifeResponse& response);

/// What a command does once the command line is understood.
using CommandBody = std::function<Result<ExitCode>(Session&)>;

/// The command line: commands register themselves, the chosen one is kept until it runs.
class Program {
  public:
    explicit Program(Session& session);

    [[nodiscard]] CLI::App& app() { return app_; }
    [[nodiscard]] Session& session() { return session_; }

    /// A group like `stream`.
    CLI::App& group(const std::string& name, const std::string& what);
    /// A command with its example.
    CLI::App& command(
        CLI::App& parent,
        const std::string& name,
        const std::string& what,
        const std::string& example
    );
    /// Every flag and argument that is a whole number refuses what is none, or is below 0 or over
    /// 2^64 - 1, with its name and the value. Called once, when all commands are there.
    void check_numbers();
    /// What the command does when it was chosen.
    void on(CLI::App& command, CommandBody body);

    /// Parses and runs; the exit code.
    ExitCode run(std::vector<std::string> arguments);

  private:
    void declare_globals();
    ExitCode parse_and_run(std::vector<std::string> arguments);
    ExitCode written(ExitCode code);
    ExitCode usage_failure(const CLI::ParseError& error);

    Session& session_;
    CLI::App app_;
    CommandBody chosen_;
};

// Each adds its commands. Options live in a shared_ptr that the bodies hold.
void add_serve_command(Program& program);
void add_stream_append(Program& program, CLI::App& group);
void add_stream_read(Program& program, CLI::App& group);
void add_stream_tail(Program& program, CLI::App& group);
void add_stream_list(Program& program, CLI::App& group);
void add_stream_metadata(Program& program, CLI::App& stream_group);
void add_stream_delete(Program& program, CLI::App& group);
void add_catalogue_commands(Program& program);
void add_event_commands(Program& program);
void add_snapshot_commands(Program& program);
void add_crud_commands(Program& program);
void add_crud_type_commands(Program& program, CLI::App& crud_group);
void add_consumer_commands(Program& program);
void add_group_commands(Program& program);
void add_namespace_commands(Program& program);
void add_store_commands(Program& program);
void add_scavenge_command(Program& program, CLI::App& store_group);
void add_import_commands(Program& program);
void add_export_commands(Program& program);
void add_demo_commands(Program& program);
void add_config_commands(Program& program);
void add_bench_command(Program& program);
void add_completion_command(Program& program);
void add_version_command(Program& program);
/// What `annals version` and `annals --version` print, in the format asked for.
void print_version(Session& session);

/// All of them.
void add_commands(Program& program);

}  // namespace annals::cli
