// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "bench_load_command.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "annals/bench_kit/child.hpp"
#include "annals/bench_kit/machine.hpp"
#include "annals/client/client.hpp"
#include "annals/client/entity_client.hpp"
#include "annals/client/group_client.hpp"
#include "annals/load_kit/load_report.hpp"
#include "annals/load_kit/load_run.hpp"
#include "annals/load_kit/profile.hpp"

#include "connect.hpp"
#include "interrupt.hpp"
#include "load_progress.hpp"
#include "own_path.hpp"
#include "time_text.hpp"

namespace annals::cli {
namespace {

struct LoadFlags {
    std::string profile;
    std::string duration;
    std::vector<std::string> changes;
    std::string results_directory = "bench/results";
    std::string work_directory;
    std::string printed;
    bool is_memory = false;
    bool is_list = false;
};

/// A server of our own on a folder that goes away with it, or nothing.
class OwnServer {
  public:
    OwnServer() = default;
    OwnServer(const OwnServer&) = delete;
    OwnServer& operator=(const OwnServer&) = delete;
    ~OwnServer() {
        if (server_) server_->stop();
        std::error_code ignored;
        if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
    }

    /// Its address.
    Result<std::string> start(const LoadFlags& flags) {
        namespace fs = std::filesystem;
        bench_kit::ServerChild::Options options;
        ANNALS_TRY(options.program, own_path());
        options.is_shielded = true;
        if (!flags.is_memory) {
            std::error_code error;
            const fs::path top = flags.work_directory.empty() ? fs::temp_directory_path(error)
                                                              : fs::path(flags.work_directory);
            folder_ = top / (".annals-load-" + std::to_string(system_clock().now().value));
            fs::create_directories(folder_, error);
            if (error) {
                const std::string path = std::exchange(folder_, fs::path()).string();
                return Error(
                    ErrorCode::kIoError,
                    path + " cannot be made (" + error.message() + "): name another with --work"
                );
            }
            options.directory = (folder_ / "data").string();
        }
        ANNALS_TRY(bench_kit::ServerChild server, bench_kit::ServerChild::start(options));
        server_.emplace(std::move(server));
        return server_->address();
    }

  private:
    std::filesystem::path folder_;
    std::optional<bench_kit::ServerChild> server_;
};

std::string milliseconds(const load_kit::Histogram& latency, double percentile) {
    if (latency.count() == 0) return "-";
    std::array<char, 32> text{};
    const auto us = static_cast<double>(latency.at_percentile(percentile));
    std::snprintf(text.data(), text.size(), "%.2f", us / 1e3);
    return text.data();
}

void show_table(Session& session, const load_kit::LoadResult& result) {
    const std::vector<Column> columns{
        {"ACTOR", "actor"},
        {"DOES", "does"},
        {"PER SECOND", "per_second", true},
        {"OPERATIONS", "operations", true},
        {"CONFLICTS", "conflicts", true, true},
        {"ERRORS", "errors", true},
        {"MISSED", "missed", true},
        {"P50 ms", "p50", true},
        {"P90", "p90", true, true},
        {"P99", "p99", true},
        {"P99.9", "p999", true, true},
        {"MAX", "max", true},
    };
    std::vector<Json> records;
    for (const load_kit::ActorResult& actor : result.actors) {
        Json json;
        json["actor"] = actor.name;
        json["does"] = load_kit::to_string(actor.does);
        json["per_second"] = std::llround(actor.per_second());
        json["operations"] = actor.all.operations();
        json["conflicts"] = actor.all.conflicts;
        json["errors"] = actor.all.errors + actor.all.wrong;
        json["missed"] = actor.missed;
        json["p50"] = milliseconds(actor.latency, 50);
        json["p90"] = milliseconds(actor.latency, 90);
        json["p99"] = milliseconds(actor.latency, 99);
        json["p999"] = milliseconds(actor.latency, 99.9);
        json["max"] = milliseconds(actor.latency, 100);
        records.push_back(std::move(json));
    }
    session.printer().list(columns, records);
}

void show_checks(Session& session, const load_kit::LoadResult& result) {
    for (const load_kit::CheckResult& check : result.checks) {
        const std::string line = check.name + ": " + check.said;
        if (check.is_held) {
            session.remark("holds   " + line);
        } else {
            session.terminal().err << "FAILS   " << printable(line) << '\n';
        }
    }
}

void show(Session& session, const load_kit::LoadResult& result) {
    if (session.printer().is_table()) {
        show_table(session, result);
    } else {
        session.printer().object(Json::parse(load_kit::report_json(result)));
    }
    show_checks(session, result);
}

Result<load_kit::Profile> chosen_profile(const LoadFlags& flags) {
    std::vector<load_kit::Override> changes;
    for (const std::string& change : flags.changes) {
        ANNALS_TRY(load_kit::Override parsed, load_kit::parse_override(change));
        changes.push_back(std::move(parsed));
    }
    if (flags.profile.empty()) {
        return Error(
                   ErrorCode::kInvalidArgument,
                   "name a profile with --profile: --list shows those that come with the program, "
                   "and the path of a file will do"
        )
            .with("field", "profile");
    }
    ANNALS_TRY(const load_kit::ProfileText text, load_kit::find_profile(flags.profile));
    if (!flags.duration.empty()) changes.push_back({"duration", flags.duration, "--duration"});
    return load_kit::parse_profile(text.text, text.origin, changes);
}

ExitCode show_list(Session& session) {
    std::vector<Json> records;
    for (const load_kit::BuiltInProfile& built_in : load_kit::built_in_profiles()) {
        const auto profile = load_kit::parse_profile(built_in.text, std::string(built_in.name));
        Json json;
        json["profile"] = built_in.name;
        json["what"] = profile ? profile->what : std::string(profile.error().message());
        records.push_back(std::move(json));
    }
    session.printer().list({{"PROFILE", "profile"}, {"WHAT", "what"}}, records);
    return ExitCode::kOk;
}

Result<ExitCode> load(Session& session, const LoadFlags& flags, bool has_server) {
    if (flags.is_list) return show_list(session);
    if (!flags.printed.empty()) {
        ANNALS_TRY(const load_kit::ProfileText text, load_kit::find_profile(flags.printed));
        session.terminal().out << text.text;
        return ExitCode::kOk;
    }
    ANNALS_TRY(const load_kit::Profile profile, chosen_profile(flags));

    OwnServer own;
    client::ClientOptions where = client_options(session.options);
    if (!has_server) {
        session.remark(
            flags.is_memory ? "starting a server in memory" : "starting a server on an empty folder"
        );
        ANNALS_TRY(where.address, own.start(flags));
    }
    ANNALS_TRY(const std::unique_ptr<client::RemoteEventStore> events, client::connect(where));
    std::unique_ptr<api::EntityStore> entities;
    std::unique_ptr<api::ConsumerGroups> groups;
    if (load_kit::needs_entities(profile)) {
        ANNALS_TRY(entities, client::connect_entities(where));
    }
    if (load_kit::needs_groups(profile)) {
        ANNALS_TRY(groups, client::connect_groups(where));
    }

    load_kit::LoadOptions options;
    options.name_space = session.options.name_space;
    ANNALS_TRY(const std::int64_t timeout_ms, parse_duration_ms(session.options.timeout));
    options.timeout_ns = timeout_ms * 1'000'000;
    options.machine = bench_kit::machine_text() + "; " + bench_kit::machine_load();
    catch_interrupts();
    LoadProgressLine progress(session);
    ANNALS_TRY(
        const load_kit::LoadResult result,
        load_kit::run_load(profile, {events.get(), entities.get(), groups.get()}, options, progress)
    );
    progress.clear();
    if (result.is_interrupted) session.remark("interrupted: what was measured until then");
    show(session, result);
    ANNALS_TRY(
        const std::string folder, load_kit::write_load_report(flags.results_directory, result)
    );
    session.remark("the report is " + folder + "/report.html");
    if (result.is_held()) return ExitCode::kOk;
    session.terminal().err << "not all checks hold\n";
    return ExitCode::kFailed;
}

}  // namespace

void add_bench_load_command(Program& program, CLI::App& bench_command) {
    CLI::App& command = program.command(
        bench_command,
        "load",
        "run a mixed workload from a small file, and check what the store holds afterwards",
        "annals bench load --list\n"
        "  annals bench load --profile order-desk --duration 10s\n"
        "  annals bench load --profile ./mine.toml --server 10.0.0.7:7400 --set "
        "actors.clerks.rate=2000\n"
        "Without --server it starts one of its own on an empty folder. Streams of a run carry its "
        "tag and stay.\n"
        "Profiles: docs/reference/load.md"
    );
    auto flags = std::make_shared<LoadFlags>();
    command.add_option("--profile", flags->profile, "a name out of --list, or a file *.toml");
    command.add_option("--duration", flags->duration, "instead of the profile's: 10s, 5m");
    command
        .add_option("--set", flags->changes, "KEY=VALUE, instead of the profile's; several times")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command
        .add_option(
            "--results", flags->results_directory, "folder for reports; one folder a profile in it"
        )
        ->capture_default_str();
    command.add_option("--work", flags->work_directory, "folder on the disk that is to be loaded");
    command.add_flag("--memory", flags->is_memory, "the own server keeps nothing on disk");
    command.add_flag("--list", flags->is_list, "the profiles that come with the program");
    command.add_option("--print-profile", flags->printed, "show a profile, to begin your own with");
    const CLI::Option* const server = program.app().get_option("--server");
    program.on(command, [flags, server](Session& session) {
        return load(session, *flags, server->count() > 0);
    });
}

}  // namespace annals::cli
