// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "program.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "annals/config/settings.hpp"
#include "annals/model/names.hpp"
#include "annals/node/node.hpp"

#include "failure.hpp"
#include "time_text.hpp"

namespace annals::cli {
namespace {

constexpr const char* kGlobalsGroup = "For every command";

std::string check_duration(const std::string& text) {
    const Result<std::int64_t> parsed = parse_duration_ms(text);
    return parsed ? std::string() : std::string(parsed.error().message());
}

/// CLI11 reads numbers with strtoull, which takes -1 for 2^64 - 1 and all that is larger for it.
std::string check_whole_number(const std::string& text) {
    errno = 0;
    const bool begins_well = !text.empty() && text.front() >= '0' && text.front() <= '9';
    if (begins_well) std::strtoull(text.c_str(), nullptr, 0);
    if (begins_well && errno == 0) return {};
    return model::shown(text) + " is not a whole number from 0 to 18446744073709551615";
}

void check_numbers_of(CLI::App& command) {
    for (CLI::Option* option : command.get_options()) {
        // Before the others: units come behind the number.
        if (option->get_type_name().starts_with("UINT")) {
            CLI::Validator number(
                [](std::string& text) { return check_whole_number(text); }, std::string()
            );
            option->transform(number);
        }
    }
    for (CLI::App* inner : command.get_subcommands(nullptr)) check_numbers_of(*inner);
}

/// The command that was meant, as far as it was understood, and what it is called.
struct Understood {
    const CLI::App* app;
    std::string name;
};

Understood understood(const CLI::App& program) {
    Understood so_far{&program, program.get_name()};
    for (std::vector<CLI::App*> next = so_far.app->get_subcommands(); !next.empty();
         next = so_far.app->get_subcommands()) {
        so_far.app = next.front();
        so_far.name += " " + so_far.app->get_name();
    }
    return so_far;
}

std::vector<std::string> command_names(const CLI::App& group) {
    std::vector<std::string> names;
    for (const CLI::App* command : group.get_subcommands(nullptr)) {
        names.push_back(command->get_name());
    }
    return names;
}

/// What is kept as it is given, or takes away what was said: nothing is something there. The data
/// of these groups are events and documents, elsewhere --data is a folder.
bool may_be_empty(std::string_view group, std::string_view name) {
    constexpr std::array<std::string_view, 3> kNames{"metadata", "custom", "compact-by"};
    constexpr std::array<std::string_view, 4> kGroups{"stream", "crud", "snapshot", "group"};
    if (name == "data") return std::ranges::find(kGroups, group) != kGroups.end();
    return std::ranges::find(kNames, name) != kNames.end();
}

/// The first flag of the command that was given without a value: `--since ''` would be none. Null:
/// all have theirs.
const CLI::Option* flag_without_value(const CLI::App& program) {
    std::string_view group;
    for (const CLI::App* app = &program; app != nullptr;) {
        for (const CLI::Option* option : app->get_options()) {
            if (option->get_lnames().empty()) continue;
            const std::string& name = option->get_lnames().front();
            const std::vector<std::string>& values = option->results();
            const bool is_empty = std::ranges::find(values, "") != values.end();
            if (is_empty && !may_be_empty(group, name)) return option;
        }
        const std::vector<CLI::App*> next = app->get_subcommands();
        app = next.empty() ? nullptr : next.front();
        if (group.empty() && app != nullptr) group = app->get_name();
    }
    return nullptr;
}

Error wants_value(const CLI::Option& option) {
    const std::string flag = "--" + option.get_lnames().front();
    const std::string_view remedy = option.get_required()
                                        ? " wants a value: give one"
                                        : " wants a value: leave it out, or give one";
    return Error(ErrorCode::kInvalidArgument, flag + std::string(remedy))
        .with("field", flag)
        .with("value", "");
}

/// A group was named and no command of it.
Error no_command(const Understood& group, const std::vector<std::string>& words) {
    const std::vector<std::string> known = command_names(*group.app);
    std::string remedy = group.name + " has";
    for (const std::string& name : known)
        remedy.append(&name == &known.front() ? " " : ", ") += name;
    if (words.empty()) {
        return Error(ErrorCode::kInvalidArgument, group.name + " needs a command")
            .with("remedy", remedy);
    }
    std::string message = group.name + " has no command '" + model::shown(words.front()) + "'";
    const std::string_view meant = config::nearest(words.front(), known);
    if (!meant.empty()) message.append(": did you mean ").append(meant).append("?");
    return Error(ErrorCode::kInvalidArgument, std::move(message))
        .with("field", "command")
        .with("value", words.front())
        .with("remedy", remedy);
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
    // The last: the others have their values when it ends the parsing.
    app_.set_version_flag(
            "--version", node::program_version(), "print the version, as the command does"
    )
        ->group("");
}

CLI::App& Program::group(const std::string& name, const std::string& what) {
    CLI::App& group = *app_.add_subcommand(name, what);
    group.require_subcommand(1);
    group.footer("annals " + name + " <command> --help shows an example of each command.\n");
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
    // Of a command and one within it the inner one is meant, and is called first.
    command.callback([this, body = std::move(body)] {
        if (!chosen_) chosen_ = body;
    });
}

void Program::check_numbers() { check_numbers_of(app_); }

ExitCode Program::run(std::vector<std::string> arguments) {
    return written(parse_and_run(std::move(arguments)));
}

/// The place where output is missed that could not be written. Who closed the pipe has enough.
ExitCode Program::written(ExitCode code) {
    Terminal& terminal = session_.terminal();
    terminal.out.flush();
    if (terminal.out || terminal.is_reader_gone()) return code;
    const ExitCode failed = show_failure(
        session_,
        Error(ErrorCode::kIoError, "not all of the output could be written")
            .with("remedy", "Look at where it goes: the disk may be full. What was done is done.")
    );
    return code == ExitCode::kOk ? failed : code;
}

ExitCode Program::parse_and_run(std::vector<std::string> arguments) {
    Terminal& terminal = session_.terminal();
    std::ranges::reverse(arguments);  // as CLI11 wants them
    chosen_ = nullptr;
    try {
        app_.parse(std::move(arguments));
    } catch (const CLI::ParseError& error) {
        return usage_failure(error);
    }
    if (const CLI::Option* const option = flag_without_value(app_)) {
        return show_failure(session_, wants_value(*option));
    }
    const Result<ExitCode> code = chosen_(session_);
    terminal.out.flush();
    if (code) return *code;
    return show_failure(session_, code.error());
}

ExitCode Program::usage_failure(const CLI::ParseError& error) {
    Terminal& terminal = session_.terminal();
    if (error.get_name() == "CallForVersion") {
        print_version(session_);
        terminal.out.flush();
        return ExitCode::kOk;
    }
    if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
        app_.exit(error, terminal.out, terminal.err);  // --help
        return ExitCode::kOk;
    }
    const Understood command = understood(app_);
    const std::vector<std::string> words = app_.remaining(true);
    const bool is_group = !command.app->get_subcommands(nullptr).empty();
    if (is_group && (words.empty() || !words.front().starts_with('-'))) {
        return show_failure(session_, no_command(command, words));
    }
    std::string what = error.what();
    if (is_group && error.get_name() == "RequiredError") {  // a command, says CLI11 before any flag
        what = command.name + " does not take " + model::shown(words.front());
    }
    return show_failure(
        session_,
        Error(ErrorCode::kInvalidArgument, std::move(what))
            .with("remedy", command.name + " --help shows what it takes, with an example.")
    );
}

}  // namespace annals::cli
