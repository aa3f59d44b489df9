// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// Entity types and their schemas, at the server.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "annals/client/entity_type_client.hpp"
#include "annals/documents/document_text.hpp"
#include "annals/entities/entity_types.hpp"

#include "argument.hpp"
#include "connect.hpp"
#include "json_text.hpp"
#include "program.hpp"
#include "time_text.hpp"

namespace annals::cli {
namespace {

using entities::EntityType;
using entities::EntityTypeStore;

struct TypeOptions {
    std::string type;
    std::string schema;
    std::string draft;
    std::string compatibility;
    std::string validate;
    std::optional<std::uint32_t> version;
    bool is_forced = false;
    bool is_against_data = false;
    std::uint32_t failures_max = 10;
    std::string actor;
    std::uint64_t limit = 1'000;
};

using TypeOptionsPtr = std::shared_ptr<TypeOptions>;
using Types = std::unique_ptr<EntityTypeStore>;

Result<Types> connect_types(Session& session) {
    return client::connect_entity_types(client_options(session.options));
}

Json type_to_json(const EntityType& type) {
    Json json;
    json["type"] = type.type;
    json["version"] = type.version;
    if (type.is_deleted) {
        json["is_deleted"] = true;
    } else {
        json["draft"] = name_of(type.draft);
        json["compatibility"] = name_of(type.compatibility);
        json["validate"] = type.is_validated ? "on" : "off";
    }
    json["changed"] = time_text(type.changed.time);
    if (!type.changed.actor.empty()) json["actor"] = type.changed.actor;
    if (!type.breaks.empty()) json["breaks"] = type.breaks;
    if (type.is_unchanged) json["is_unchanged"] = true;
    if (!type.schema.is_null()) json["schema"] = exact(type.schema);
    return json;
}

Result<documents::Value> read_schema(Session& session, const TypeOptions& options) {
    return read_document(options.schema, "--schema", session.terminal());
}

template <typename Request>
Status take_rules(const TypeOptions& options, Request& request) {
    if (!options.draft.empty()) {
        ANNALS_TRY(request.draft, schemas::parse_draft(options.draft, "--draft"));
    }
    if (!options.compatibility.empty()) {
        ANNALS_TRY(
            request.compatibility,
            schemas::parse_compatibility(options.compatibility, "--compatibility")
        );
    }
    return ok();
}

Result<ExitCode> put(Session& session, const TypeOptions& options) {
    entities::PutEntityType request;
    request.type = options.type;
    ANNALS_TRY(request.schema, read_schema(session, options));
    ANNALS_CHECK(take_rules(options, request));
    if (!options.validate.empty()) request.is_validated = options.validate == "on";
    request.expected_version = options.version;
    request.skips_check = options.is_forced;
    request.actor = options.actor;
    ANNALS_TRY(const Types types, connect_types(session));
    ANNALS_TRY(const EntityType type, types->put(session.context(), request));
    if (!session.printer().is_table()) {
        session.printer().object(type_to_json(type));
    } else if (!session.options.is_quiet) {
        session.terminal().out << printable(type.type)
                               << (type.is_unchanged ? " unchanged at" : " at") << " version "
                               << type.version << '\n';
    }
    for (const std::string& one : type.breaks) session.remark("breaks " + printable(one));
    return ExitCode::kOk;
}

Result<ExitCode> get(Session& session, const TypeOptions& options) {
    ANNALS_TRY(const Types types, connect_types(session));
    ANNALS_TRY(const EntityType type, types->get(session.context(), options.type, options.version));
    if (!session.printer().is_table()) {
        session.printer().object(type_to_json(type));
        return ExitCode::kOk;
    }
    session.terminal().out << documents::to_text(type.schema) << '\n';
    session.remark(
        "version " + std::to_string(type.version) + ", draft " + std::string(name_of(type.draft)) +
        ", " + std::string(name_of(type.compatibility)) + ", validation " +
        (type.is_validated ? "on" : "off")
    );
    return ExitCode::kOk;
}

void show_types(Session& session, const std::vector<Json>& records) {
    session.printer().list(
        {{"TYPE", "type"},
         {"VERSION", "version", true},
         {"DRAFT", "draft"},
         {"COMPATIBILITY", "compatibility"},
         {"VALIDATE", "validate"},
         {"CHANGED", "changed"},
         {"ACTOR", "actor", false, true}},
        records
    );
}

Result<ExitCode> list(Session& session, const TypeOptions& options) {
    ANNALS_TRY(const Types types, connect_types(session));
    std::vector<Json> records;
    std::string after;
    do {
        const std::uint64_t left = options.limit == 0 ? EntityTypeStore::kListMax
                                                      : options.limit - records.size();
        const auto limit = std::min<std::uint64_t>(left, EntityTypeStore::kListMax);
        ANNALS_TRY(
            const entities::EntityTypeList page,
            types->list(session.context(), after, static_cast<std::uint32_t>(limit))
        );
        for (const EntityType& one : page.types) records.push_back(type_to_json(one));
        after = page.next;
    } while (!after.empty() && (options.limit == 0 || records.size() < options.limit));
    show_types(session, records);
    if (!after.empty() && session.printer().is_table()) session.remark("there is more: --limit 0");
    return ExitCode::kOk;
}

Result<ExitCode> versions(Session& session, const TypeOptions& options) {
    ANNALS_TRY(const Types types, connect_types(session));
    ANNALS_TRY(const std::vector<EntityType> all, types->versions(session.context(), options.type));
    std::vector<Json> records;
    for (const EntityType& one : all) {
        records.push_back(type_to_json(one));
        records.back()["change"] = one.is_deleted ? "deleted" : "put";
    }
    session.printer().list(
        {{"VERSION", "version", true},
         {"CHANGE", "change"},
         {"DRAFT", "draft"},
         {"COMPATIBILITY", "compatibility"},
         {"VALIDATE", "validate"},
         {"CHANGED", "changed"},
         {"ACTOR", "actor"},
         {"BREAKS", "breaks", false, true}},
        records
    );
    return ExitCode::kOk;
}

Result<ExitCode> remove(Session& session, const TypeOptions& options) {
    ANNALS_TRY(const Types types, connect_types(session));
    ANNALS_TRY(
        const EntityType type,
        types->remove(session.context(), options.type, options.actor, options.version)
    );
    if (!session.printer().is_table()) {
        session.printer().object(type_to_json(type));
    } else {
        session.remark(printable(type.type) + " is no longer checked; its entities stay");
    }
    return ExitCode::kOk;
}

Json failure_to_json(const entities::FailedEntity& failure) {
    Json json;
    json["id"] = failure.id;
    json["revision"] = failure.revision.value;
    json["violations"] = failure.violations;
    json["place"] = failure.first.place;
    json["rule"] = failure.first.rule;
    json["message"] = failure.first.message;
    return json;
}

Json report_to_json(const entities::SchemaReport& report, bool is_against_data) {
    Json json;
    json["against_version"] = report.against_version;
    json["compatibility"] = name_of(report.compatibility);
    json["breaks"] = Json::array();
    for (const schemas::Break& one : report.comparison.breaks) {
        json["breaks"].push_back(
            {{"place", one.place},
             {"keyword", one.keyword},
             {"message", one.message},
             {"is_certain", one.is_certain},
             {"is_forward", one.is_forward}}
        );
    }
    if (!is_against_data) return json;
    json["looked_at"] = report.looked_at;
    json["failed"] = report.failed;
    json["failures"] = Json::array();
    for (const entities::FailedEntity& one : report.failures) {
        json["failures"].push_back(failure_to_json(one));
    }
    return json;
}

void show_report(Session& session, const entities::SchemaReport& report, bool is_against_data) {
    if (!session.printer().is_table()) {
        session.printer().object(report_to_json(report, is_against_data));
        return;
    }
    auto& out = session.terminal().out;
    const std::string promise(name_of(report.compatibility));
    if (report.against_version == 0) {
        out << "there is no schema to compare with\n";
    } else if (report.comparison.is_compatible()) {
        out << promise << " compatible with version " << report.against_version << '\n';
    } else {
        out << "not " << promise << " compatible with version " << report.against_version << ":\n";
    }
    for (const schemas::Break& one : report.comparison.breaks) {
        out << "  " << printable(to_string(one)) << '\n';
    }
    if (report.comparison.has_more) out << "  and more\n";
    if (!is_against_data) return;
    out << report.failed << " of " << report.looked_at << " entities would be refused\n";
    for (const entities::FailedEntity& one : report.failures) {
        out << "  " << printable(one.id) << " revision " << one.revision.value << ": "
            << printable(one.first.place) << ' ' << printable(one.first.message) << '\n';
    }
}

/// Exit code 3 when something would break, as for a condition that did not hold.
Result<ExitCode> check(Session& session, const TypeOptions& options) {
    entities::CheckSchema request;
    request.type = options.type;
    ANNALS_TRY(request.schema, read_schema(session, options));
    ANNALS_CHECK(take_rules(options, request));
    request.is_against_data = options.is_against_data;
    request.failures_max = options.failures_max;
    ANNALS_TRY(const Types types, connect_types(session));
    ANNALS_TRY(entities::SchemaReport report, types->check(session.context(), request));
    while (!report.next.empty()) {
        session.remark(
            std::to_string(report.looked_at) + " entities, " + std::to_string(report.failed) +
            " refused, so far"
        );
        request.after = report.next;
        ANNALS_TRY(entities::SchemaReport more, types->check(session.context(), request));
        report.looked_at += more.looked_at;
        report.failed += more.failed;
        for (entities::FailedEntity& one : more.failures) {
            if (report.failures.size() < options.failures_max) {
                report.failures.push_back(std::move(one));
            }
        }
        report.next = std::move(more.next);
    }
    show_report(session, report, options.is_against_data);
    const bool is_good = report.comparison.is_compatible() && report.failed == 0;
    return is_good ? ExitCode::kOk : ExitCode::kPreconditionFailed;
}

TypeOptionsPtr declare_named_type(CLI::App& command) {
    auto options = std::make_shared<TypeOptions>();
    command.add_option("type", options->type, "the kind of entity, e.g. product")->required();
    return options;
}

void declare_schema(CLI::App& command, const TypeOptionsPtr& options) {
    command
        .add_option(
            "-s,--schema", options->schema, "a JSON Schema; - for the standard input, or @FILE"
        )
        ->required();
    command.add_option("--draft", options->draft, "draft-07 or 2020-12; else what $schema says");
    command.add_option(
        "--compatibility",
        options->compatibility,
        "none, backward, forward or full: what the next schemas keep to"
    );
}

void add_changes(Program& program, CLI::App& group) {
    CLI::App& putting = program.command(
        group,
        "put",
        "give a type a schema, which its entities are checked against",
        "annals crud type put product --schema @product.schema.json"
    );
    const TypeOptionsPtr wanted = declare_named_type(putting);
    declare_schema(putting, wanted);
    putting.add_option("--validate", wanted->validate, "on or off: whether writes are checked")
        ->check(CLI::IsMember({"on", "off"}));
    putting.add_option(
        "-e,--expect", wanted->version, "only when the newest version is this; 0: none"
    );
    putting.add_flag("--force", wanted->is_forced, "also when it breaks the compatibility");
    putting.add_option("--actor", wanted->actor, "who does it");
    program.on(putting, [wanted](Session& session) { return put(session, *wanted); });

    CLI::App& deleting = program.command(
        group,
        "delete",
        "end the checks of a type; entities and versions stay",
        "annals crud type delete product"
    );
    const TypeOptionsPtr deleted = declare_named_type(deleting);
    deleting.add_option("-e,--expect", deleted->version, "only when the newest version is this");
    deleting.add_option("--actor", deleted->actor, "who does it");
    program.on(deleting, [deleted](Session& session) { return remove(session, *deleted); });
}

void add_reads(Program& program, CLI::App& group) {
    CLI::App& getting = program.command(
        group, "get", "show the schema of a type", "annals crud type get product --version 2"
    );
    const TypeOptionsPtr got = declare_named_type(getting);
    getting.add_option("--version", got->version, "which; the newest otherwise");
    program.on(getting, [got](Session& session) { return get(session, *got); });

    CLI::App& listing = program.command(
        group, "list", "list the types that have a schema", "annals crud type list"
    );
    auto listed = std::make_shared<TypeOptions>();
    listing.add_option("-l,--limit", listed->limit, "types at most; 0: all")->capture_default_str();
    program.on(listing, [listed](Session& session) { return list(session, *listed); });

    CLI::App& telling = program.command(
        group, "versions", "list the schemas that a type had", "annals crud type versions product"
    );
    const TypeOptionsPtr told = declare_named_type(telling);
    program.on(telling, [told](Session& session) { return versions(session, *told); });

    CLI::App& checking = program.command(
        group,
        "check",
        "say what a schema would break; changes nothing",
        "annals crud type check product --schema @next.json --against-data"
    );
    const TypeOptionsPtr checked = declare_named_type(checking);
    declare_schema(checking, checked);
    checking.add_flag(
        "--against-data", checked->is_against_data, "look at every entity as it is now, too"
    );
    checking.add_option("--failures", checked->failures_max, "refused entities to name, 1 to 100")
        ->capture_default_str();
    program.on(checking, [checked](Session& session) { return check(session, *checked); });
}

}  // namespace

void add_crud_type_commands(Program& program, CLI::App& crud_group) {
    CLI::App& group = *crud_group.add_subcommand("type", "schemas of the entities of a type");
    group.require_subcommand(1);
    add_changes(program, group);
    add_reads(program, group);
}

}  // namespace annals::cli
