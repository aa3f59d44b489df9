// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "annals/bench_kit/bench.hpp"

#include "bench_load_command.hpp"
#include "own_path.hpp"
#include "program.hpp"

namespace annals::cli {
namespace {

struct BenchFlags {
    bench_kit::BenchOptions bench;
    bool is_null_server = false;
};

Result<ExitCode> bench(Session& session, BenchFlags& flags) {
    Terminal& terminal = session.terminal();
    if (flags.is_null_server) {
        ANNALS_CHECK(bench_kit::run_null_server(terminal.out));
        return ExitCode::kOk;
    }
    ANNALS_TRY(flags.bench.program, own_path());
    ANNALS_TRY(const bool is_met, bench_kit::run_bench(flags.bench, terminal.out, terminal.err));
    if (!is_met) session.remark("not every goal was met, or not every figure could be measured");
    return ExitCode::kOk;
}

}  // namespace

void add_bench_command(Program& program) {
    CLI::App& command = *program.app().add_subcommand(
        "bench", "measure a server: each figure beside its ceiling, one JSON line each"
    );
    command.footer(
        "Example:\n  annals bench --quick\n  annals bench --server 10.0.0.7:7400 --figure "
        "append_64\n"
        "Without --server it starts one of its own on an empty folder. Mixed workloads: annals "
        "bench load --help\n"
    );
    auto flags = std::make_shared<BenchFlags>();
    bench_kit::BenchOptions& options = flags->bench;
    command.add_option("--figure", options.figures, "this figure alone; several times")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->check(CLI::IsMember(bench_kit::figure_names()));
    const auto count = [&](const char* name, std::uint64_t& value, const char* what) {
        command.add_option(name, value, what)
            ->transform(CLI::AsNumberWithUnit(
                std::map<std::string, std::uint64_t>{{"k", 1'000}, {"M", 1'000'000}},
                CLI::AsNumberWithUnit::CASE_SENSITIVE,
                "COUNT"
            ))
            ->capture_default_str();
    };
    count("--events", options.events, "events loaded for reads and catch-up: 1M, 100k");
    count("--events-start", options.events_start, "events stored when the start is measured");
    count("--events-large", options.events_large, "events stored when rates are compared");
    command.add_option("--seconds", options.seconds, "of each measurement")->capture_default_str();
    command.add_option("--rounds", options.rounds, "of which the median counts")
        ->capture_default_str();
    command.add_option("--results", options.results_directory, "folder for table, JSON and plot");
    command.add_option("--work", options.work_directory, "folder on the disk to be measured");
    command.add_flag("--quick", options.is_quick, "rough figures in half a minute");
    command.add_flag("--null-server", flags->is_null_server)->group("");
    add_bench_load_command(program, command);
    const CLI::Option* const server = program.app().get_option("--server");
    program.on(command, [flags, server](Session& session) {
        if (server->count() > 0) flags->bench.server = session.options.server;
        return bench(session, *flags);
    });
}

}  // namespace annals::cli
