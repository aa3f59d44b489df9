// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <filesystem>
#include <string>

#include "annals/log/file_system.hpp"
#include "annals/log/segment_log.hpp"

#include "program.hpp"
#include "progress_bar.hpp"
#include "store_folder.hpp"
#include "time_text.hpp"

namespace annals::cli {
namespace {

std::string shown_folder(const std::string& folder, const std::string& top) {
    const std::string relative = std::filesystem::path(folder).lexically_relative(top).string();
    return relative == "." || relative.empty() ? folder : relative;
}

Json damage_to_json(const log::Damage& damage) {
    Json json;
    json["segment"] = damage.segment;
    json["byte"] = damage.offset;
    if (damage.first_position.value > 0) json["first_position"] = damage.first_position.value;
    json["what"] = damage.what;
    return json;
}

Json report_to_json(const std::string& folder, const log::VerifyReport& report, double seconds) {
    Json json;
    json["log"] = folder;
    json["events"] = report.events;
    json["removed_events"] = report.removed_events;
    json["folded_events"] = report.folded_events;
    json["segments"] = report.segments;
    json["bytes"] = report.bytes;
    json["tree_blocks"] = report.tree_blocks;
    json["seconds"] = seconds;
    json["is_whole"] = report.damages.empty();
    json["damages"] = Json::array();
    for (const log::Damage& damage : report.damages)
        json["damages"].push_back(damage_to_json(damage));
    return json;
}

void show_damages(
    Session& session, const std::string& folder, const std::vector<log::Damage>& damages
) {
    for (const log::Damage& damage : damages) {
        const std::string file = std::filesystem::path(damage.segment).filename().string();
        session.terminal().err << "damage: " << folder << "/" << file << ", byte " << damage.offset
                               << ": " << printable(damage.what) << '\n';
    }
}

/// A log without its file LOG is damaged like any other.
Result<log::VerifyReport> verify_one(const std::string& folder, ProgressBar& bar) {
    log::FileSystem& files = log::disk_file_system();
    ANNALS_TRY(const bool has_meta, files.exists(folder + "/LOG"));
    if (!has_meta) {
        log::VerifyReport report;
        report.damages.push_back(
            {"LOG", 0, Position(0), "the file is missing; restore the folder from a backup"}
        );
        return report;
    }
    return log::verify_log(files, folder, [&](const log::Progress& progress) {
        bar.show(progress.done_bytes, progress.total_bytes, progress.events);
    });
}

Result<ExitCode> verify(Session& session, const std::string& directory) {
    ANNALS_TRY(const auto folders, find_logs(directory));
    auto lock = log::disk_file_system().lock(directory);
    if (!lock && lock.error().code() == ErrorCode::kDirectoryLocked)
        return std::move(lock).take_error();
    std::vector<Json> records;
    bool is_whole = true;
    for (const std::string& folder : folders) {
        const std::string name = shown_folder(folder, directory);
        ProgressBar bar(session, 0, "events of " + name);
        ANNALS_TRY(const log::VerifyReport report, verify_one(folder, bar));
        bar.clear();
        records.push_back(report_to_json(name, report, bar.elapsed_seconds()));
        show_damages(session, name, report.damages);
        is_whole = is_whole && report.damages.empty();
    }
    session.printer().list(
        {{"LOG", "log"},
         {"EVENTS", "events", true},
         {"SEGMENTS", "segments", true},
         {"BYTES", "bytes", true},
         {"TREE BLOCKS", "tree_blocks", true},
         {"WHOLE", "is_whole"}},
        records
    );
    return is_whole ? ExitCode::kOk : ExitCode::kFailed;
}

/// What damage means for who starts a server on it.
void show_what_is_lost(Session& session, const std::string& folder) {
    session.terminal().err
        << folder
        << ": put the segments back from a backup. With --accept-damage the log goes on; "
           "if its index is gone too, streams that ended in the lost positions give "
           "their revisions again\n";
}

Result<Json> describe_log(
    Session& session, const std::string& folder, const std::string& directory
) {
    log::LogOptions options;
    options.is_read_only = true;
    log::RecoveryReport recovery;
    ANNALS_TRY(
        const auto opened, log::SegmentLog::open(log::disk_file_system(), folder, options, recovery)
    );
    const log::LogInfo info = opened->info();
    Json json;
    json["log"] = shown_folder(folder, directory);
    json["log_id"] = info.identity.log_id.to_string();
    json["incarnation"] = info.identity.incarnation;
    json["events"] = info.last_position.value;
    json["removed_events"] = info.removed_events;
    json["folded_events"] = info.folded_events;
    json["segments"] = info.segments;
    json["bytes"] = info.bytes;
    json["size"] = bytes_text(info.bytes);
    if (info.last_position.value > 0) {
        json["first_time"] = time_text(info.first_time);
        json["last_time"] = time_text(info.last_time);
    }
    json["was_clean"] = recovery.was_clean;
    json["damages"] = Json::array();
    for (const log::Damage& damage : recovery.damages)
        json["damages"].push_back(damage_to_json(damage));
    if (!recovery.damages.empty()) {
        show_damages(session, shown_folder(folder, directory), recovery.damages);
        show_what_is_lost(session, shown_folder(folder, directory));
    }
    return json;
}

/// Of a log that cannot be opened.
Json describe_lost(Session& session, const std::string& name, const Error& error) {
    const std::string what(error.message());
    session.terminal().err << "damage: " << name << ": " << printable(what) << '\n';
    Json json;
    json["log"] = name;
    json["damages"] = Json::array({Json{{"what", what}}});
    return json;
}

Result<ExitCode> describe_folder(Session& session, const std::string& directory) {
    ANNALS_TRY(const auto folders, find_logs(directory));
    std::vector<Json> records;
    ExitCode code = ExitCode::kOk;
    for (const std::string& folder : folders) {
        Result<Json> record = describe_log(session, folder, directory);
        if (record) {
            records.push_back(std::move(*record));
            continue;
        }
        if (record.error().code() != ErrorCode::kDataLoss) return std::move(record).take_error();
        records.push_back(describe_lost(session, shown_folder(folder, directory), record.error()));
        code = ExitCode::kFailed;
    }
    session.printer().list(
        {{"LOG", "log"},
         {"EVENTS", "events", true},
         {"REMOVED", "removed_events", true},
         {"FOLDED", "folded_events", true},
         {"SEGMENTS", "segments", true},
         {"SIZE", "size", true},
         {"LAST CHANGE", "last_time"},
         {"LOG ID", "log_id"},
         {"CLEAN END", "was_clean"}},
        records
    );
    return code;
}

Result<ExitCode> describe_server(Session& session) {
    ANNALS_TRY(api::EventStore * store, session.store());
    ANNALS_TRY(const api::ServerInfo info, store->info(session.context()));
    Json json;
    json["server"] = session.options.server;
    json["version"] = info.version;
    json["namespace"] = session.options.name_space;
    json["events"] = info.last_position.value;
    json["position"] = info.position;
    json["index_position"] = info.index_position.value;
    json["log_bytes"] = info.log_bytes;
    json["log_id"] = info.log_id;
    json["incarnation"] = info.incarnation;
    json["durability"] = info.durability;
    json["started_time"] = time_text(info.started_time);
    json["is_read_only"] = info.is_read_only;
    if (info.is_read_only) json["read_only_reason"] = info.read_only_reason;
    session.printer().object(json);
    return ExitCode::kOk;
}

}  // namespace

void add_store_commands(Program& program) {
    CLI::App& group = program.group("store", "the store as a whole");

    CLI::App& verifying = program.command(
        group,
        "verify",
        "check every byte, the chain and the trees of a stopped server's folder",
        "annals store verify ./data"
    );
    auto directory = std::make_shared<std::string>();
    verifying.add_option("dir", *directory, "the data folder")->required();
    program.on(verifying, [directory](Session& session) { return verify(session, *directory); });

    CLI::App& describing = program.command(
        group,
        "info",
        "tell about the running server, or about a stopped server's folder",
        "annals store info ./data"
    );
    auto folder = std::make_shared<std::string>();
    describing.add_option("dir", *folder, "a data folder; without it the server is asked");
    program.on(describing, [folder](Session& session) {
        return folder->empty() ? describe_server(session) : describe_folder(session, *folder);
    });
    add_scavenge_command(program, group);
}

}  // namespace annals::cli
