// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// Entities of whatever server the session is connected to: the server folds and decides.
#include "crud_commands.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "annals/client/entity_client.hpp"
#include "annals/documents/document_text.hpp"
#include "annals/entities/field_filter.hpp"

#include "argument.hpp"
#include "connect.hpp"
#include "crud_bulk.hpp"
#include "json_text.hpp"
#include "program.hpp"
#include "time_text.hpp"

namespace annals::cli {
namespace {

using api::EntityStore;
using documents::PatchFormat;

using Store = std::unique_ptr<api::EntityStore>;

struct CrudOptions {
    api::EntityKey key;
    EntityConnector connector;
    std::string from;
    std::string id_field;
    std::string data;
    std::string as_of;
    std::optional<std::uint64_t> expected;
    std::optional<std::uint64_t> revision;
    std::optional<std::uint64_t> other_revision;
    std::string idempotency_key;
    std::string actor;
    bool may_create = false;
    bool is_json_patch = false;
    bool with_deleted = false;
    bool skip_documents = false;
    std::vector<std::string> where;
    std::string after;
    std::uint64_t limit = 100;
};

api::WriteOptions write_options(const CrudOptions& options) {
    api::WriteOptions write;
    if (options.expected) write.expected = Revision(*options.expected);
    write.idempotency_key = options.idempotency_key;
    write.actor = options.actor;
    return write;
}

Json stamp_to_json(const api::Stamp& stamp) {
    Json json;
    json["time"] = time_text(stamp.time);
    if (!stamp.actor.empty()) json["actor"] = stamp.actor;
    return json;
}

Json entity_to_json(const api::Entity& entity) {
    Json json;
    json["type"] = entity.key.type;
    json["id"] = entity.key.id;
    json["revision"] = entity.revision.value;
    if (entity.is_deleted) json["is_deleted"] = true;
    json["created"] = stamp_to_json(entity.created);
    json["changed"] = stamp_to_json(entity.changed);
    json["hash"] = entity.hash;
    json["document"] = exact(entity.document);
    return json;
}

ExitCode show_written(Session& session, const api::Written& written) {
    Json json;
    json["type"] = written.key.type;
    json["id"] = written.key.id;
    json["revision"] = written.revision.value;
    json["time"] = time_text(written.time);
    json["token"] = written.position;
    json["is_replay"] = written.is_replay;
    json["is_unchanged"] = written.is_unchanged;
    json["is_durable"] = written.is_durable;
    if (!session.printer().is_table()) {
        session.printer().object(json);
    } else if (!session.options.is_quiet) {
        session.terminal().out << printable(written.key.type) << ' ' << printable(written.key.id)
                               << (written.is_unchanged ? " unchanged at" : " at") << " revision "
                               << written.revision.value
                               << (written.is_replay ? " (done before)" : "")
                               << (written.is_durable ? "" : " (not yet durable)") << '\n';
    }
    return ExitCode::kOk;
}

/// Runs a change and shows its answer.
template <typename Change>
Result<ExitCode> change(Session& session, const CrudOptions& options, Change run) {
    ANNALS_TRY(const Store entities, options.connector(session.options));
    ANNALS_TRY(const api::Written written, run(*entities));
    return show_written(session, written);
}

Result<documents::Value> read_data(Session& session, const CrudOptions& options) {
    return read_document(options.data, "data", session.terminal());
}

Result<ExitCode> create(Session& session, const CrudOptions& options) {
    if (!options.from.empty()) {
        BulkCreate bulk;
        bulk.type = options.key.type;
        bulk.from = options.from;
        bulk.id_field = options.id_field;
        bulk.actor = options.actor;
        bulk.idempotency_key = options.idempotency_key;
        ANNALS_TRY(const Store entities, options.connector(session.options));
        return create_in_bulk(session, *entities, bulk);
    }
    ANNALS_TRY(documents::Value document, read_data(session, options));
    return change(session, options, [&](EntityStore& entities) {
        return entities.create(
            session.context(),
            options.key.type,
            {options.key.id, std::move(document)},
            write_options(options)
        );
    });
}

Result<ExitCode> replace(Session& session, const CrudOptions& options) {
    ANNALS_TRY(const documents::Value document, read_data(session, options));
    return change(session, options, [&](EntityStore& entities) {
        return entities.replace(
            session.context(), options.key, document, write_options(options), options.may_create
        );
    });
}

Result<ExitCode> patch(Session& session, const CrudOptions& options) {
    ANNALS_TRY(documents::Value body, read_data(session, options));
    const PatchFormat format = options.is_json_patch ? PatchFormat::kJson : PatchFormat::kMerge;
    const documents::Patch patch{format, std::move(body)};
    return change(session, options, [&](EntityStore& entities) {
        return entities.patch(session.context(), options.key, patch, write_options(options));
    });
}

Result<ExitCode> remove(Session& session, const CrudOptions& options) {
    return change(session, options, [&](EntityStore& entities) {
        return entities.remove(session.context(), options.key, write_options(options));
    });
}

Result<ExitCode> undo(Session& session, const CrudOptions& options) {
    return change(session, options, [&](EntityStore& entities) {
        const Revision to(options.revision.value_or(0));
        return entities.undo(session.context(), options.key, to, write_options(options));
    });
}

/// Digits alone are a revision, anything else a time.
Result<api::AsOf> parse_as_of(const std::string& text) {
    if (text.empty()) return api::AsOf();
    const bool is_revision = text.size() < 20 &&
                             text.find_first_not_of("0123456789") == std::string::npos;
    if (is_revision) return api::AsOf(Revision(std::stoull(text)));
    const Result<TimeNs> time = parse_time_flag("--as-of", text, system_clock());
    if (time) return api::AsOf(*time);
    return Error(time.error().code(), std::string(time.error().message()) + ", or a revision: 12")
        .with("field", "--as-of")
        .with("value", text);
}

Result<ExitCode> get(Session& session, const CrudOptions& options) {
    api::GetOptions wanted;
    ANNALS_TRY(wanted.as_of, parse_as_of(options.as_of));
    wanted.with_deleted = options.with_deleted;
    ANNALS_TRY(const Store entities, options.connector(session.options));
    ANNALS_TRY(const api::Entity entity, entities->get(session.context(), options.key, wanted));
    if (!session.printer().is_table()) {
        session.printer().object(entity_to_json(entity));
        return ExitCode::kOk;
    }
    session.terminal().out << documents::to_text(entity.document) << '\n';
    session.remark(
        std::string(entity.is_deleted ? "deleted at" : "at") + " revision " +
        std::to_string(entity.revision.value) + ", changed " + time_text(entity.changed.time)
    );
    return ExitCode::kOk;
}

Json change_to_json(const api::Change& change) {
    static const std::vector<std::string> kinds{"created", "updated", "deleted"};
    Json json;
    json["revision"] = change.revision.value;
    json["change"] = kinds[static_cast<std::size_t>(change.kind)];
    json["time"] = time_text(change.stamp.time);
    json["actor"] = change.stamp.actor;
    if (!change.correlation_id.empty()) json["correlation_id"] = change.correlation_id;
    if (change.undoes_to) json["undoes_to"] = change.undoes_to->value;
    if (!change.problem.empty()) {
        json["problem"] = change.problem;
    } else if (change.kind != api::ChangeKind::kDeleted) {
        json["format"] = change.kind == api::ChangeKind::kCreated    ? "document"
                         : change.patch.format == PatchFormat::kJson ? "json-patch"
                                                                     : "merge-patch";
        json["patch"] = exact(change.patch.body);
    }
    return json;
}

/// What a table has no columns for.
void complete_row(Json& row, const char* what = "patch") {
    if (row.contains("undoes_to")) {
        row["change"] = row["change"].get<std::string>() + " (undo to " + row["undoes_to"].dump() +
                        ")";
    }
    if (row.contains("problem")) row[what] = "unreadable: " + row["problem"].get<std::string>();
}

bool has_room(const CrudOptions& options, const std::vector<Json>& records) {
    return options.limit == 0 || records.size() < options.limit;
}

/// To ask for next, where there is room.
std::uint32_t left_of(
    const CrudOptions& options, const std::vector<Json>& records, std::uint32_t page_max
) {
    if (options.limit == 0) return page_max;
    return static_cast<std::uint32_t>(
        std::min<std::uint64_t>(options.limit - records.size(), page_max)
    );
}

Result<ExitCode> history(Session& session, const CrudOptions& options) {
    ANNALS_TRY(const Store entities, options.connector(session.options));
    std::vector<Json> records;
    std::optional<Revision> from = Revision(options.revision.value_or(0));
    while (from && has_room(options, records)) {
        const auto limit = left_of(options, records, 1'000);
        ANNALS_TRY(
            const api::History page, entities->history(session.context(), options.key, *from, limit)
        );
        for (const api::Change& change : page.changes) {
            records.push_back(change_to_json(change));
            if (session.printer().is_table()) complete_row(records.back());
        }
        from = page.next;
    }
    session.printer().list(
        {{"REVISION", "revision", true},
         {"CHANGE", "change"},
         {"TIME", "time"},
         {"ACTOR", "actor"},
         {"WHAT", "patch", false, true}},
        records
    );
    if (from && session.printer().is_table()) {
        session.remark("there is more: --from " + std::to_string(from->value));
    }
    return ExitCode::kOk;
}

Result<ExitCode> diff(Session& session, const CrudOptions& options) {
    ANNALS_TRY(const Store entities, options.connector(session.options));
    ANNALS_TRY(
        const api::Difference difference,
        entities->diff(
            session.context(),
            options.key,
            Revision(options.revision.value_or(0)),
            Revision(options.other_revision.value_or(0))
        )
    );
    if (session.printer().is_table()) {
        session.terminal().out << documents::to_text(difference.patch.body) << '\n';
        for (const api::Entity* one : {&difference.before, &difference.after}) {
            if (!one->is_deleted) continue;
            session.remark(
                "at revision " + std::to_string(one->revision.value) +
                " it is deleted: compared is its last document"
            );
        }
        return ExitCode::kOk;
    }
    Json json;
    json["format"] = difference.patch.format == PatchFormat::kJson ? "json-patch" : "merge-patch";
    json["patch"] = exact(difference.patch.body);
    json["before"] = exact(difference.before.document);
    json["after"] = exact(difference.after.document);
    if (difference.before.is_deleted) json["before_is_deleted"] = true;
    if (difference.after.is_deleted) json["after_is_deleted"] = true;
    session.printer().object(json);
    return ExitCode::kOk;
}

Result<api::ListEntities> list_request(const CrudOptions& options) {
    api::ListEntities request;
    request.type = options.key.type;
    request.after = options.after;
    request.with_deleted = options.with_deleted;
    request.skip_documents = options.skip_documents;
    for (const std::string& text : options.where) {
        ANNALS_TRY(request.filters.emplace_back(), entities::parse_filter(text, "--where"));
    }
    return request;
}

Json unreadable_to_json(const std::string& type, const api::UnreadableEntity& entity) {
    Json json;
    json["type"] = type;
    json["id"] = entity.id;
    json["revision"] = entity.revision.value;
    json["problem"] = entity.problem;
    return json;
}

void remark_unreadable(Session& session, std::uint64_t entities) {
    if (entities == 0) return;
    session.remark(
        std::to_string(entities) + " cannot be read: annals crud history TYPE ID tells more"
    );
}

Result<ExitCode> list(Session& session, const CrudOptions& options) {
    ANNALS_TRY(api::ListEntities request, list_request(options));
    ANNALS_TRY(const Store entities, options.connector(session.options));
    std::vector<Json> records;
    std::uint64_t unreadable = 0;
    while (has_room(options, records)) {
        request.limit = left_of(options, records, EntityStore::kListMax);
        ANNALS_TRY(api::EntityPage page, entities->list(session.context(), request));
        for (const api::Entity& entity : page.entities) {
            records.push_back(entity_to_json(entity));
            if (options.skip_documents) records.back().erase("document");
        }
        for (const api::UnreadableEntity& one : page.unreadable) {
            records.push_back(unreadable_to_json(options.key.type, one));
            if (session.printer().is_table()) complete_row(records.back(), "document");
        }
        unreadable += page.unreadable.size();
        request.after = page.next;
        if (request.after.empty()) break;
    }
    session.printer().list(
        {{"ID", "id"}, {"REVISION", "revision", true}, {"DOCUMENT", "document", false, true}},
        records
    );
    remark_unreadable(session, unreadable);
    if (!request.after.empty() && session.printer().is_table()) {
        session.remark("there may be more: --after " + printable(request.after));
    }
    return ExitCode::kOk;
}

Result<ExitCode> count(Session& session, const CrudOptions& options) {
    ANNALS_TRY(api::ListEntities request, list_request(options));
    ANNALS_TRY(const Store entities, options.connector(session.options));
    std::uint64_t total = 0;
    std::uint64_t unreadable = 0;
    do {
        ANNALS_TRY(const api::EntityCount part, entities->count(session.context(), request));
        total += part.entities;
        unreadable += part.unreadable;
        request.after = part.next;
    } while (!request.after.empty());
    if (session.printer().is_table()) {
        session.terminal().out << total << '\n';
    } else {
        Json json{{"entities", total}};
        if (unreadable != 0) json["unreadable"] = unreadable;
        session.printer().object(json);
    }
    remark_unreadable(session, unreadable);
    return ExitCode::kOk;
}

using CrudOptionsPtr = std::shared_ptr<CrudOptions>;

CrudOptionsPtr declare_type(CLI::App& command, const EntityConnector& connector) {
    auto options = std::make_shared<CrudOptions>();
    options->connector = connector;
    command.add_option("type", options->key.type, "the kind of entity, e.g. product")->required();
    return options;
}

CrudOptionsPtr declare_entity(CLI::App& command, const EntityConnector& connector) {
    CrudOptionsPtr options = declare_type(command, connector);
    command.add_option("id", options->key.id, "which of the kind")->required();
    return options;
}

void declare_data(CLI::App& command, const CrudOptionsPtr& options, const std::string& what) {
    command.add_option("-d,--data", options->data, what + "; - for the standard input, or @FILE")
        ->required();
}

void declare_write(CLI::App& command, const CrudOptionsPtr& options) {
    command.add_option("-e,--expect", options->expected, "only when it is at this revision");
    command.add_option(
        "--idempotency-key", options->idempotency_key, "the same change under it is made once"
    );
    command.add_option("--actor", options->actor, "who does it");
}

void declare_filters(CLI::App& command, const CrudOptionsPtr& options) {
    command
        .add_option("-w,--where", options->where, "price>=10, name=pen, name^=pe, /a/b!=1, note?")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command.add_flag("--deleted", options->with_deleted, "deleted ones too");
}

void add_changes(Program& program, CLI::App& group, const EntityConnector& connector) {
    CLI::App& creating = program.command(
        group,
        "create",
        "create an entity",
        R"(annals crud create product 7 --data '{"name": "pen", "price": 1.50}')"
    );
    const CrudOptionsPtr created = declare_type(creating, connector);
    creating.add_option("id", created->key.id, "which of the kind; the server gives one otherwise");
    CLI::Option* const data = creating.add_option(
        "-d,--data",
        created->data,
        "the document, a JSON object; - for the standard input, or @FILE"
    );
    CLI::Option* const from = creating.add_option(
        "--from",
        created->from,
        "many: a file of JSON lines or with a JSON array; - for the standard input"
    );
    creating.add_option("--id-field", created->id_field, "of each document: holds its id")
        ->needs(from);
    from->excludes(data);
    creating.require_option(1, 0);
    declare_write(creating, created);
    from->excludes(creating.get_option("--expect"));
    program.on(creating, [created](Session& session) { return create(session, *created); });

    CLI::App& replacing = program.command(
        group,
        "replace",
        "give an entity a new document",
        R"(annals crud replace product 7 --data '{"name": "pencil"}' --expect 0)"
    );
    const CrudOptionsPtr replaced = declare_entity(replacing, connector);
    declare_data(replacing, replaced, "the whole document");
    replacing.add_flag("--create", replaced->may_create, "create it where there is none");
    declare_write(replacing, replaced);
    program.on(replacing, [replaced](Session& session) { return replace(session, *replaced); });

    CLI::App& patching = program.command(
        group,
        "patch",
        "change some fields; null removes one",
        R"(annals crud patch product 7 --data '{"price": 2}')"
    );
    const CrudOptionsPtr patched = declare_entity(patching, connector);
    declare_data(patching, patched, "a merge patch");
    patching.add_flag("--json-patch", patched->is_json_patch, "the data is an RFC 6902 JSON patch");
    declare_write(patching, patched);
    program.on(patching, [patched](Session& session) { return patch(session, *patched); });

    CLI::App& deleting = program.command(
        group,
        "delete",
        "delete an entity; its history stays",
        "annals crud delete product 7 --expect 3"
    );
    const CrudOptionsPtr deleted = declare_entity(deleting, connector);
    declare_write(deleting, deleted);
    program.on(deleting, [deleted](Session& session) { return remove(session, *deleted); });

    CLI::App& undoing = program.command(
        group, "undo", "make an entity as it was at a revision", "annals crud undo product 7 --to 0"
    );
    const CrudOptionsPtr undone = declare_entity(undoing, connector);
    undoing.add_option("--to", undone->revision, "the revision to go back to")->required();
    declare_write(undoing, undone);
    program.on(undoing, [undone](Session& session) { return undo(session, *undone); });
}

void add_reads(Program& program, CLI::App& group, const EntityConnector& connector) {
    CLI::App& getting = program.command(
        group, "get", "show an entity, now or as it was", "annals crud get product 7 --as-of 2h"
    );
    const CrudOptionsPtr got = declare_entity(getting, connector);
    getting.add_option("--as-of", got->as_of, "a revision, a time (ISO 8601), or how long ago");
    getting.add_flag("--deleted", got->with_deleted, "a deleted one too: its last document");
    program.on(getting, [got](Session& session) { return get(session, *got); });

    CLI::App& telling = program.command(
        group, "history", "list the changes of an entity", "annals crud history product 7"
    );
    const CrudOptionsPtr told = declare_entity(telling, connector);
    telling.add_option("--from", told->revision, "the first revision");
    telling.add_option("-l,--limit", told->limit, "changes at most; 0: all")->capture_default_str();
    program.on(telling, [told](Session& session) { return history(session, *told); });

    CLI::App& comparing = program.command(
        group, "diff", "show what differs between two revisions", "annals crud diff product 7 0 2"
    );
    const CrudOptionsPtr compared = declare_entity(comparing, connector);
    comparing.add_option("before", compared->revision, "a revision")->required();
    comparing.add_option("after", compared->other_revision, "another one")->required();
    program.on(comparing, [compared](Session& session) { return diff(session, *compared); });

    CLI::App& listing = program.command(
        group,
        "list",
        "list entities of a type, by id",
        "annals crud list product --where 'price>=10' --where 'name^=pen'"
    );
    const CrudOptionsPtr listed = declare_type(listing, connector);
    declare_filters(listing, listed);
    listing.add_option("--after", listed->after, "begin behind this id");
    listing.add_option("-l,--limit", listed->limit, "entities at most; 0: all")
        ->capture_default_str();
    listing.add_flag("--no-documents", listed->skip_documents, "ids and revisions alone");
    program.on(listing, [listed](Session& session) { return list(session, *listed); });

    CLI::App& counting = program.command(
        group, "count", "count entities of a type", "annals crud count product --where 'price>=10'"
    );
    const CrudOptionsPtr counted = declare_type(counting, connector);
    declare_filters(counting, counted);
    program.on(counting, [counted](Session& session) { return count(session, *counted); });
}

}  // namespace

void add_crud_commands(Program& program, const EntityConnector& connector) {
    CLI::App& group = program.group("crud", "objects with history");
    add_changes(program, group, connector);
    add_reads(program, group, connector);
    add_crud_type_commands(program, group);
}

void add_crud_commands(Program& program) {
    add_crud_commands(program, [](const GlobalOptions& options) {
        return client::connect_entities(client_options(options));
    });
}

}  // namespace annals::cli
