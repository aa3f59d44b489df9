// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <chrono>
#include <string>
#include <thread>

#include "annals/config/server_settings.hpp"
#include "annals/node/node.hpp"

#include "interrupt.hpp"
#include "program.hpp"
#include "progress_bar.hpp"
#include "time_text.hpp"

namespace annals::cli {
namespace {

using api::ScavengeCommand;
using api::ScavengeState;
using api::ScavengeStatus;

constexpr auto kLookEvery = std::chrono::milliseconds(100);
constexpr double kMegabyte = 1e6;
/// Without a limit appends beside it lose half of their rate.
constexpr double kUsualThrottleMbS = 20;
constexpr double kThrottleMbSMax = 1'000'000;

struct ScavengeFlags {
    std::string action = "start";
    std::string folder;
    std::string only;
    double throttle_mb_s = kUsualThrottleMbS;
    bool is_dry_run = false;
    bool waits = false;
    bool confirms_clock = false;
    std::string keep_stubs = "forever";  ///< offline: there is no server to say so
};

bool is_going_on(const ScavengeStatus& status) {
    return status.state == ScavengeState::kRunning || status.state == ScavengeState::kPaused;
}

void show(Session& session, const ScavengeStatus& status) {
    Json json;
    json["state"] = api::to_string(status.state);
    if (!status.id.empty()) json["scavenge"] = status.id;
    if (status.state == ScavengeState::kNever) return session.printer().object(json);
    json["dry_run"] = status.is_dry_run;
    json["started_time"] = time_text(status.started_time);
    if (status.ended_time.value != 0) json["ended_time"] = time_text(status.ended_time);
    if (is_going_on(status)) json["namespace"] = status.name_space;
    json["segments_done"] = status.segments_done;
    json["segments"] = status.segments;
    json["bytes_done"] = status.bytes_done;
    json["bytes"] = status.bytes;
    json["rewritten_segments"] = status.rewritten_segments;
    json["removed_events"] = status.removed_events;
    json["folded_events"] = status.folded_events;
    json["freed_bytes"] = status.freed_bytes;
    if (!status.error.empty()) json["error"] = status.error;
    if (!status.ages_held_in.empty()) json["ages_held_in"] = status.ages_held_in;
    session.printer().object(json);
    if (!status.ages_held_in.empty()) {
        session.remark(
            "the clock had leapt when namespace " + status.ages_held_in +
            " was opened, or nobody wrote for a week: events were not removed for their age. Look "
            "at "
            "the clock, then try again with --confirm-clock"
        );
    }
}

/// Until the run is over, or the user does not want to wait; offline it is stopped then.
Result<ScavengeStatus> wait_for_end(
    Session& session, api::EventStore& store, ScavengeStatus status, bool is_offline
) {
    catch_interrupts();
    ProgressBar bar(session, 0, "removed events");
    while (is_going_on(status)) {
        bar.show(status.bytes_done, status.bytes, status.removed_events);
        if (is_interrupted()) {
            if (!is_offline) break;
            static_cast<void>(store.control_scavenge(session.context(), ScavengeCommand::kStop));
        }
        std::this_thread::sleep_for(kLookEvery);
        ANNALS_TRY(status, store.get_scavenge(session.context()));
    }
    return status;
}

Result<ExitCode> start(
    Session& session, api::EventStore& store, const ScavengeFlags& flags, bool is_offline
) {
    api::StartScavengeRequest request;
    request.name_space = flags.only;
    request.is_dry_run = flags.is_dry_run;
    // Offline there is nobody beside it.
    if (!is_offline)
        request.throttle_bytes_per_s = static_cast<std::uint64_t>(flags.throttle_mb_s * kMegabyte);
    request.confirms_clock = flags.confirms_clock;
    ANNALS_TRY(ScavengeStatus status, store.start_scavenge(session.context(), request));
    if (flags.waits || flags.is_dry_run || is_offline) {
        ANNALS_TRY(status, wait_for_end(session, store, std::move(status), is_offline));
    }
    show(session, status);
    return status.state == ScavengeState::kFailed ? ExitCode::kFailed : ExitCode::kOk;
}

Result<ExitCode> start_offline(Session& session, const ScavengeFlags& flags) {
    config::Sources sources;
    sources.flags.push_back({"data", flags.folder});
    sources.flags.push_back({"scavenge.keep_stubs", flags.keep_stubs});
    ANNALS_TRY(
        const config::ServerSettings settings,
        config::server_settings(config::resolve_server_settings(sources))
    );
    ANNALS_TRY(const auto node, node::Node::open_offline(settings));
    ANNALS_TRY(const ExitCode code, start(session, node->store(), flags, true));
    ANNALS_CHECK(node->stop());
    return code;
}

Result<ExitCode> scavenge(Session& session, const ScavengeFlags& flags) {
    if (!flags.folder.empty()) {
        if (flags.action == "start") return start_offline(session, flags);
        return Error(
            ErrorCode::kInvalidArgument,
            "--folder is for start alone: " + flags.action + " asks the running server"
        );
    }
    ANNALS_TRY(api::EventStore* const store, session.store());
    if (flags.action == "start") return start(session, *store, flags, false);
    const auto answer = [&]() -> Result<ScavengeStatus> {
        const api::CallContext context = session.context();
        if (flags.action == "pause")
            return store->control_scavenge(context, ScavengeCommand::kPause);
        if (flags.action == "resume")
            return store->control_scavenge(context, ScavengeCommand::kResume);
        if (flags.action == "stop") return store->control_scavenge(context, ScavengeCommand::kStop);
        return store->get_scavenge(context);
    };
    ANNALS_TRY(ScavengeStatus status, answer());
    if (flags.waits) {
        ANNALS_TRY(status, wait_for_end(session, *store, std::move(status), false));
    }
    show(session, status);
    return ExitCode::kOk;
}

}  // namespace

void add_scavenge_command(Program& program, CLI::App& group) {
    CLI::App& command = program.command(
        group,
        "scavenge",
        "free the space of hidden events: start (default), status, pause, resume, stop",
        "annals store scavenge --wait --throttle 50"
    );
    auto flags = std::make_shared<ScavengeFlags>();
    command.add_option("action", flags->action, "start, status, pause, resume or stop")
        ->check(CLI::IsMember({"start", "status", "pause", "resume", "stop"}));
    CLI::Option* folder = command.add_option(
        "--folder", flags->folder, "the data folder of a stopped server"
    );
    command
        .add_option(
            "--keep-stubs",
            flags->keep_stubs,
            "with --folder: how long removed events are remembered, as 720h; forever unless named"
        )
        ->needs(folder);
    command.add_option("--only", flags->only, "this namespace alone; else all");
    command
        .add_option(
            "--throttle", flags->throttle_mb_s, "megabytes a second, 20 unless named; 0: no limit"
        )
        ->check(CLI::Range(0.0, kThrottleMbSMax, "0 to 1000000"));
    command.add_flag("--dry-run", flags->is_dry_run, "say what would be freed, change nothing");
    command.add_flag("--wait", flags->waits, "wait for the end and show how far it is");
    command.add_flag(
        "--confirm-clock", flags->confirms_clock, "the clock is right, although it leapt"
    );
    program.on(command, [flags](Session& session) { return scavenge(session, *flags); });
}

}  // namespace annals::cli
