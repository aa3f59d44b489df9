// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <csignal>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "annals/node/node.hpp"
#include "annals/telemetry/logging.hpp"

#include "first_screen.hpp"
#include "program.hpp"
#include "progress_bar.hpp"
#include "server_flags.hpp"

namespace annals::cli {
namespace {

sigset_t served_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
    return signals;
}

/// Held back in all threads, taken by wait_for_end() alone.
void hold_signals() {
    const sigset_t signals = served_signals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    signal(SIGPIPE, SIG_IGN);
}

/// A second signal while the server drains ends it at once.
void release_signals() {
    const sigset_t signals = served_signals();
    pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

void reload_log_level(const ServerFlags& flags) {
    const auto level = telemetry::parse_log_level(flags.resolve().at("log.level").value);
    if (!level) return telemetry::log_error("log level not changed", level.error());
    telemetry::set_log_level(*level);
    telemetry::log_info("log level read again");
}

std::string wait_for_end(const ServerFlags& flags) {
    const sigset_t signals = served_signals();
    while (true) {
        int signal = 0;
        if (sigwait(&signals, &signal) != 0) continue;
        if (signal != SIGHUP) return signal == SIGTERM ? "SIGTERM" : "SIGINT";
        reload_log_level(flags);
    }
}

Status set_up_logging(const config::ServerSettings& settings) {
    telemetry::LogOptions options;
    ANNALS_TRY(options.level, telemetry::parse_log_level(settings.log_level));
    ANNALS_TRY(options.format, telemetry::parse_log_format(settings.log_format));
    telemetry::configure_logging(options);
    return ok();
}

void log_start(const config::ServerSettings& settings, const node::Node& node) {
    telemetry::log_info(
        "server ready",
        {{"version", node::program_version()},
         {"grpc_host", settings.grpc.host},
         {"grpc_port", node.grpc_port()},
         {"http_host", settings.http.host},
         {"http_port", node.http_port()},
         {"data", settings.is_memory ? std::string("memory") : settings.data_directory},
         {"durability", config::to_string(settings.durability)}}
    );
    telemetry::flush_logs();
}

bool has_first_screen(Session& session) {
    return session.terminal().is_out_tty && !session.options.is_quiet;
}

/// The first screen tells what the start found: on one terminal its news are not told twice, above
/// it. Warnings are.
bool hush_start(Session& session, const config::ServerSettings& settings) {
    const auto level = telemetry::parse_log_level(settings.log_level);
    const bool is_hushed = has_first_screen(session) && session.terminal().is_err_tty && level &&
                           *level == telemetry::LogLevel::kInfo;
    if (is_hushed) telemetry::set_log_level(telemetry::LogLevel::kWarning);
    return is_hushed;
}

Result<ExitCode> serve(Session& session, const ServerFlags& flags) {
    const config::Settings resolved = flags.resolve();
    ANNALS_TRY(const config::ServerSettings settings, config::server_settings(resolved));
    ANNALS_CHECK(set_up_logging(settings));
    if (settings.is_memory && resolved.at("data").origin != config::Origin::kDefault)
        telemetry::log_warning("memory only: nothing is written to the folder of data");
    hold_signals();
    const bool is_hushed = hush_start(session, settings);
    ProgressBar bar(session, 0, "events indexed");
    ANNALS_TRY(
        const std::unique_ptr<node::Node> node,
        node::Node::start(
            settings,
            [&](const std::string&, std::uint64_t done, std::uint64_t total) {
                bar.show(done, total, done);
            }
        )
    );
    bar.clear();
    if (is_hushed) telemetry::set_log_level(telemetry::LogLevel::kInfo);
    if (has_first_screen(session)) {
        show_first_screen(session.terminal(), settings, *node, session.program_name);
    } else {
        log_start(settings, *node);
    }
    const std::string reason = wait_for_end(flags);
    telemetry::log_info("server stopping", {{"signal", reason}});
    release_signals();
    ANNALS_CHECK(node->stop());
    telemetry::log_info("server stopped");
    telemetry::flush_logs();
    return ExitCode::kOk;
}

}  // namespace

void add_serve_command(Program& program) {
    CLI::App& command = *program.app().add_subcommand("serve", "run the server in the foreground");
    command.footer(
        "Example:\n  annals serve --data ./data --grpc 127.0.0.1:7400 --durability every-append\n"
        "Each setting may also come from the environment or a file: annals config print\n"
    );
    auto flags = std::make_shared<ServerFlags>();
    flags->declare(command);
    program.on(command, [flags](Session& session) { return serve(session, *flags); });
}

}  // namespace annals::cli
