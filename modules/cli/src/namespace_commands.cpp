// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <algorithm>
#include <string>
#include <vector>

#include "annals/model/names.hpp"

#include "confirmation.hpp"
#include "program.hpp"
#include "time_text.hpp"

namespace annals::cli {
namespace {

struct DeleteOptions {
    std::string name;
    bool is_confirmed = false;
    bool is_dry_run = false;
};

Json namespace_to_json(const api::NamespaceInfo& info) {
    Json json;
    json["name"] = info.name;
    json["created_time"] = info.created_time.value == 0 ? Json(nullptr)
                                                        : Json(time_text(info.created_time));
    json["last_position"] = info.last_position.value;
    return json;
}

Result<ExitCode> create(Session& session, const std::string& name) {
    ANNALS_TRY(api::EventStore * store, session.store());
    ANNALS_TRY(const api::NamespaceInfo info, store->create_namespace(session.context(), name));
    Printer printer = session.printer();
    if (!printer.is_table()) {
        printer.object(namespace_to_json(info));
    } else if (!session.options.is_quiet) {
        session.terminal().out << "created namespace " << info.name << "; use it with --namespace "
                               << info.name << '\n';
    }
    return ExitCode::kOk;
}

Result<ExitCode> list(Session& session) {
    ANNALS_TRY(api::EventStore * store, session.store());
    ANNALS_TRY(const auto namespaces, store->list_namespaces(session.context()));
    std::vector<Json> records;
    for (const api::NamespaceInfo& info : namespaces) records.push_back(namespace_to_json(info));
    session.printer().list(
        {{"NAMESPACE", "name"}, {"POSITION", "last_position", true}, {"CREATED", "created_time"}},
        records
    );
    return ExitCode::kOk;
}

Result<ExitCode> remove(Session& session, const DeleteOptions& options) {
    ANNALS_TRY(api::EventStore * store, session.store());
    if (model::is_system_name(options.name))  // is not listed; the server says why it stays
        ANNALS_CHECK(store->delete_namespace(session.context(), options.name));
    ANNALS_TRY(const auto namespaces, store->list_namespaces(session.context()));
    const auto found = std::ranges::find(namespaces, options.name, &api::NamespaceInfo::name);
    if (found == namespaces.end()) {
        return Error(ErrorCode::kNamespaceNotFound, "there is no namespace '" + options.name + "'")
            .with("namespace", options.name);
    }
    if (options.is_dry_run) {
        api::CallContext within = session.context();
        within.name_space = found->name;
        ANNALS_TRY(const api::ServerInfo info, store->info(within));  // fails when nobody can tell
        session.terminal().out << "would delete namespace " << found->name << " with "
                               << info.last_position.value << " events\n";
        return ExitCode::kOk;
    }
    ANNALS_CHECK(confirm(
        session,
        {"deletes namespace " + options.name + " with all its events, for good",
         options.name,
         options.is_confirmed}
    ));
    ANNALS_CHECK(store->delete_namespace(session.context(), options.name));
    session.remark("deleted namespace " + options.name);
    return ExitCode::kOk;
}

}  // namespace

void add_namespace_commands(Program& program) {
    CLI::App& group = program.group("namespace", "logs of their own within a server");

    CLI::App& creating = program.command(
        group,
        "create",
        "create a namespace: a-z, 0-9, -; at most 63",
        "annals namespace create tests"
    );
    auto name = std::make_shared<std::string>();
    creating.add_option("name", *name, "the new name")->required();
    program.on(creating, [name](Session& session) { return create(session, *name); });

    CLI::App& listing = program.command(
        group, "list", "list the namespaces", "annals namespace list"
    );
    program.on(listing, [](Session& session) { return list(session); });

    CLI::App& deleting = program.command(
        group,
        "delete",
        "delete a namespace with all its events",
        "annals namespace delete tests --dry-run"
    );
    auto options = std::make_shared<DeleteOptions>();
    deleting.add_option("name", options->name, "the name")->required();
    deleting.add_flag("--yes", options->is_confirmed, "do not ask");
    deleting.add_flag(
        "--dry-run", options->is_dry_run, "say what would be deleted, delete nothing"
    );
    program.on(deleting, [options](Session& session) { return remove(session, *options); });
}

}  // namespace annals::cli
