// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "program.hpp"

#include <algorithm>
#include <utility>

#include "failure.hpp"
#include "time_text.hpp"

namespace annals::cli {
namespace {

constexpr const char* kGlobalsGroup = "For every command";

std::string check_duration(const std::string& text) {
    const Result<std::int64_t> parsed = parse_duration_ms(text);
    return parsed ? std::string() : std::string(parsed.error().message());
}

}  // namespace

Program::Program(Session& session)
    : session_(session), app_("annals: an event store that runs.", "annals") {
    app_.require_subcommand(1);
    app_.fallthrough();
    app_.footer(
        "A first walk:\n"
        "  annals serve --data ./data\n"
        "  annals demo csv -f orders.csv\n"
        "  annals import csv orders.csv --stream 'order-{order}' --type-column event\n"
        "  annals stream read order-1001\n"
        "annals <command> --help shows an example of each command."
    );
    declare_globals();
}

void Program::declare_globals() {
    GlobalOptions& options = session_.options;
    app_.add_option("--server", options.server, "HOST:PORT of the server")
        ->capture_default_str()
        ->envname("ANNALS_SERVER")
        ->group(kGlobalsGroup);
    app_.add_option("-n,--namespace", options.name_space, "the namespace")
        ->capture_default_str()
        ->envname("ANNALS_NAMESPACE")
        ->group(kGlobalsGroup);
    app_.add_option("-o,--output", options.output, "table, json, jsonl or yaml")
        ->capture_default_str()
        ->envname("ANNALS_OUTPUT")
        ->check(CLI::IsMember({"table", "json", "jsonl", "yaml"}))
        ->group(kGlobalsGroup);
    app_.add_option("--timeout", options.timeout, "how long a call may take")
        ->capture_default_str()
        ->check(CLI::Validator(check_duration, "DURATION", "duration"))
        ->group(kGlobalsGroup);
    app_.add_flag("-q,--quiet", options.is_quiet, "no remarks, results alone")
        ->group(kGlobalsGroup);
}

CLI::App& Program::group(const std::string& name, const std::string& what) {
    CLI::App& group = *app_.add_subcommand(name, what);
    group.require_subcommand(1);
    return group;
}

CLI::App& Program::command(
    CLI::App& parent, const std::string& name, const std::string& what, const std::string& example
) {
    CLI::App& command = *parent.add_subcommand(name, what);
    command.footer("Example:\n  " + example + "\n");
    return command;
}

void Program::on(CLI::App& command, CommandBody body) {
    command.callback([this, body = std::move(body)] { chosen_ = body; });
}

ExitCode Program::run(std::vector<std::string> arguments) {
    Terminal& terminal = session_.terminal();
    std::ranges::reverse(arguments);  // as CLI11 wants them
    try {
        app_.parse(std::move(arguments));
    } catch (const CLI::ParseError& error) {
        return usage_failure(error);
    }
    const Result<ExitCode> code = chosen_(session_);
    terminal.out.flush();
    if (code) return *code;
    return show_failure(session_, code.error());
}

ExitCode Program::usage_failure(const CLI::ParseError& error) {
    Terminal& terminal = session_.terminal();
    if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
        app_.exit(error, terminal.out, terminal.err);  // --help
        return ExitCode::kOk;
    }
    return show_failure(session_, Error(ErrorCode::kInvalidArgument, error.what()));
}

}  // namespace annals::cli
