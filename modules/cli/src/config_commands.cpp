// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <memory>
#include <string>
#include <vector>

#include "failure.hpp"
#include "program.hpp"
#include "server_flags.hpp"

namespace annals::cli {
namespace {

Result<ExitCode> print(Session& session, const ServerFlags& flags) {
    const config::Settings settings = flags.resolve();
    std::vector<Json> records;
    for (const config::Setting& setting : settings.values) {
        Json json;
        json["setting"] = std::string(setting.spec->name);
        json["value"] = setting.shown_value();
        json["origin"] = std::string(config::to_string(setting.origin));
        json["from"] = setting.where;
        json["flag"] = setting.spec->flag.empty() ? Json(nullptr)
                                                  : Json(std::string(setting.spec->flag));
        json["variable"] = config::environment_name(*setting.spec);
        records.push_back(std::move(json));
    }
    session.printer().list({{"SETTING", "setting"}, {"VALUE", "value"}, {"FROM", "from"}}, records);
    if (settings.faults.empty()) return ExitCode::kOk;
    session.remark("annals config check names what is wrong with them");
    return exit_code(error_info(ErrorCode::kConfigInvalid));
}

Json fault_to_json(const Error& fault) {
    Json json;
    json["message"] = std::string(fault.message());
    for (const ErrorField& field : fault.fields()) json[field.name] = field.value;
    return json;
}

Result<ExitCode> check(Session& session, const ServerFlags& flags) {
    const config::Settings settings = flags.resolve();
    Printer printer = session.printer();
    if (!printer.is_table()) {
        std::vector<Json> faults;
        faults.reserve(settings.faults.size());
        for (const Error& fault : settings.faults) faults.push_back(fault_to_json(fault));
        printer.list({}, faults);
    }
    if (settings.faults.empty()) {
        if (printer.is_table()) session.remark("the settings are fine");
        return ExitCode::kOk;
    }
    if (printer.is_table()) {
        for (const Error& fault : settings.faults) {
            session.terminal().err << printable(fault.message()) << '\n';
        }
    }
    return exit_code(error_info(ErrorCode::kConfigInvalid));
}

}  // namespace

void add_config_commands(Program& program) {
    CLI::App& group = program.group("config", "the server's settings");
    CLI::App& printing = program.command(
        group,
        "print",
        "show every setting and where it comes from",
        "annals config print --config annals.toml"
    );
    auto printed = std::make_shared<ServerFlags>();
    printed->declare(printing);
    program.on(printing, [printed](Session& session) { return print(session, *printed); });

    CLI::App& checking = program.command(
        group,
        "check",
        "name everything that is wrong with the settings",
        "annals config check --config annals.toml"
    );
    auto checked = std::make_shared<ServerFlags>();
    checked->declare(checking);
    program.on(checking, [checked](Session& session) { return check(session, *checked); });
}

}  // namespace annals::cli
