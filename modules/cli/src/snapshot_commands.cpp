// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "argument.hpp"
#include "json_text.hpp"
#include "program.hpp"
#include "time_text.hpp"

namespace annals::cli {
namespace {

struct KeyOptions {
    api::SnapshotKey key;
    std::optional<std::uint64_t> revision;
    std::string data;
    std::string content_type;
};

struct SelectOptions {
    std::string stream;
    std::string reducer;
    std::optional<std::uint64_t> revision;
};

std::optional<Revision> revision_of(const std::optional<std::uint64_t>& number) {
    if (!number) return std::nullopt;
    return Revision(*number);
}

Json key_to_json(const api::SnapshotKey& key, Revision revision) {
    Json json;
    json["stream"] = key.stream;
    json["reducer"] = key.reducer;
    json["schema_version"] = key.schema_version;
    json["reducer_version"] = key.reducer_version;
    json["revision"] = revision.value;
    return json;
}

Result<ExitCode> store(Session& session, const KeyOptions& options) {
    api::Snapshot snapshot;
    snapshot.key = options.key;
    snapshot.revision = Revision(options.revision.value_or(0));
    snapshot.content_type = options.content_type;
    ANNALS_TRY(snapshot.data, read_argument(options.data, session.terminal()));
    ANNALS_TRY(api::EventStore * event_store, session.store());
    ANNALS_CHECK(event_store->store_snapshot(session.context(), snapshot));
    if (session.printer().is_table()) {
        session.remark("stored " + std::to_string(snapshot.data.size()) + " bytes");
    } else {
        Json json = key_to_json(snapshot.key, snapshot.revision);
        json["bytes"] = snapshot.data.size();
        session.printer().object(json);
    }
    return ExitCode::kOk;
}

Result<ExitCode> load(Session& session, const KeyOptions& options) {
    ANNALS_TRY(api::EventStore * event_store, session.store());
    const api::LoadSnapshotRequest request{options.key, revision_of(options.revision)};
    ANNALS_TRY(const auto snapshot, event_store->load_snapshot(session.context(), request));
    if (!snapshot) {
        return Error(
                   ErrorCode::kSnapshotNotFound,
                   "there is no snapshot of " + options.key.stream +
                       " for this reducer and versions"
        )
            .with("stream", options.key.stream)
            .with("reducer", options.key.reducer);
    }
    if (session.printer().is_table()) {
        session.terminal().out << snapshot->data;
        session.remark("as of revision " + std::to_string(snapshot->revision.value));
        return ExitCode::kOk;
    }
    Json json = key_to_json(snapshot->key, snapshot->revision);
    json["content_type"] = snapshot->content_type;
    json["stored_time"] = time_text(snapshot->stored_time);
    json["data"] = parse_exact(snapshot->data).value_or(Json(snapshot->data));
    session.printer().object(json);
    return ExitCode::kOk;
}

api::SnapshotSelection selection_of(const SelectOptions& options) {
    return {options.stream, options.reducer, revision_of(options.revision)};
}

Result<ExitCode> list(Session& session, const SelectOptions& options) {
    ANNALS_TRY(api::EventStore * event_store, session.store());
    ANNALS_TRY(
        const auto found, event_store->list_snapshots(session.context(), selection_of(options))
    );
    std::vector<Json> records;
    for (const api::SnapshotSummary& summary : found) {
        Json& json = records.emplace_back(key_to_json(summary.key, summary.revision));
        json["bytes"] = summary.bytes;
        json["stored_time"] = time_text(summary.stored_time);
    }
    session.printer().list(
        {{"REDUCER", "reducer"},
         {"SCHEMA", "schema_version", true},
         {"VERSION", "reducer_version", true},
         {"REVISION", "revision", true},
         {"BYTES", "bytes", true},
         {"STORED", "stored_time"}},
        records
    );
    return ExitCode::kOk;
}

Result<ExitCode> remove(Session& session, const SelectOptions& options) {
    ANNALS_TRY(api::EventStore * event_store, session.store());
    ANNALS_TRY(
        const std::uint64_t deleted,
        event_store->delete_snapshots(session.context(), selection_of(options))
    );
    if (session.printer().is_table()) {
        session.remark("deleted " + std::to_string(deleted) + " snapshots");
    } else {
        Json json;
        json["deleted"] = deleted;
        session.printer().object(json);
    }
    return ExitCode::kOk;
}

std::shared_ptr<KeyOptions> declare_key(CLI::App& command) {
    auto options = std::make_shared<KeyOptions>();
    command.add_option("stream", options->key.stream, "the stream")->required();
    command.add_option("--reducer", options->key.reducer, "name of the fold")->required();
    command.add_option("--schema-version", options->key.schema_version, "of the data");
    command.add_option("--reducer-version", options->key.reducer_version, "of the fold");
    return options;
}

std::shared_ptr<SelectOptions> declare_selection(CLI::App& command) {
    auto options = std::make_shared<SelectOptions>();
    command.add_option("stream", options->stream, "the stream")->required();
    command.add_option("--reducer", options->reducer, "of this fold alone");
    command.add_option("--revision", options->revision, "of this revision alone");
    return options;
}

}  // namespace

void add_snapshot_commands(Program& program) {
    CLI::App& group = program.group("snapshot", "stored folds of streams; never the truth");

    CLI::App& storing = program.command(
        group,
        "store",
        "keep a fold of a stream",
        "annals snapshot store order-1001 --reducer totals --revision 7 --data '{\"total\":20}'"
    );
    const auto stored = declare_key(storing);
    storing.add_option("--revision", stored->revision, "of the last event in it")->required();
    storing.add_option("--data", stored->data, "the bytes, @file, or - for the standard input")
        ->required();
    storing.add_option("--content-type", stored->content_type, "application/json unless named");
    program.on(storing, [stored](Session& session) { return store(session, *stored); });

    CLI::App& loading = program.command(
        group,
        "load",
        "give the newest fold of a stream",
        "annals snapshot load order-1001 --reducer totals"
    );
    const auto wanted = declare_key(loading);
    loading.add_option("--max-revision", wanted->revision, "not newer than this");
    program.on(loading, [wanted](Session& session) { return load(session, *wanted); });

    CLI::App& listing = program.command(
        group, "list", "list the folds of a stream", "annals snapshot list order-1001"
    );
    const auto listed = declare_selection(listing);
    program.on(listing, [listed](Session& session) { return list(session, *listed); });

    CLI::App& deleting = program.command(
        group,
        "delete",
        "delete folds of a stream; no answer changes",
        "annals snapshot delete order-1001 --reducer totals"
    );
    const auto deleted = declare_selection(deleting);
    program.on(deleting, [deleted](Session& session) { return remove(session, *deleted); });
}

}  // namespace annals::cli
