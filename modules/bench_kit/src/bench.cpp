// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/bench_kit/bench.hpp"

#include <algorithm>
#include <filesystem>
#include <ostream>

#include "annals/bench_kit/machine.hpp"

#include "bench_run.hpp"
#include "report.hpp"

namespace annals::bench_kit {
namespace {

/// Takes the scratch folder away, whatever happens.
class Cleaner {
  public:
    explicit Cleaner(const BenchRun& run) : run_(run) {}
    Cleaner(const Cleaner&) = delete;
    Cleaner& operator=(const Cleaner&) = delete;
    ~Cleaner() {
        std::error_code ignored;
        if (!run_.work_directory.empty()) std::filesystem::remove_all(run_.work_directory, ignored);
    }

  private:
    const BenchRun& run_;
};

Status check_names(const std::vector<std::string>& figures) {
    const std::vector<std::string> known = figure_names();
    for (const std::string& name : figures) {
        if (std::ranges::find(known, name) != known.end()) continue;
        std::string list;
        for (const std::string& each : known) list.append(list.empty() ? "" : ", ").append(each);
        return Error(
            ErrorCode::kInvalidArgument, "there is no figure '" + name + "'; known: " + list
        );
    }
    return ok();
}

Status measure_all(BenchRun& run) {
    ANNALS_CHECK(run.start_servers());
    ANNALS_CHECK(measure_single_appends(run));
    ANNALS_CHECK(measure_latency(run));
    ANNALS_CHECK(measure_batches(run));
    ANNALS_CHECK(measure_reads(run));
    ANNALS_CHECK(measure_entities(run));
    ANNALS_CHECK(measure_groups(run));
    ANNALS_CHECK(measure_client(run));
    ANNALS_CHECK(measure_embedded(run));
    ANNALS_CHECK(measure_scavenge(run));
    return measure_scale(run);
}

}  // namespace

std::vector<std::string> figure_names() {
    return {
        "append_64",
        "append_expected_64",
        "append_query_64",
        "append_1",
        "append_batch_1",
        "append_batch_16",
        "append_to_subscriber",
        "read_stream_64",
        "catch_up",
        "crud_create_1",
        "crud_create_64",
        "crud_update_1",
        "crud_update_64",
        "crud_get_1",
        "crud_get_50",
        "crud_get_10000",
        "crud_list",
        "crud_count",
        "group_delivery_1",
        "group_delivery_8",
        "group_latency",
        "client_catch_up",
        "client_append_1",
        "embedded_append_1",
        "embedded_read",
        "scavenge_rate",
        "append_beside_scavenge",
        "start_clean",
        "start_after_kill",
        "append_at_scale",
        "read_at_scale",
        "memory_at_scale",
    };
}

Result<bool> run_bench(const BenchOptions& given, std::ostream& out, std::ostream& remarks) {
    ANNALS_CHECK(check_names(given.figures));
    BenchOptions options = given;
    if (options.is_quick) {
        options.seconds = std::min(options.seconds, 0.5);
        options.rounds = 1;
        options.events = std::min<std::uint64_t>(options.events, 100'000);
        options.events_start = std::min<std::uint64_t>(options.events_start, 200'000);
        options.events_large = std::min<std::uint64_t>(options.events_large, 300'000);
    }
    const std::string load = machine_load();
    remarks << load << std::endl;
    BenchRun run(options, out, remarks);
    const Cleaner cleaner(run);
    const Status status = measure_all(run);
    // What was measured before something failed is worth keeping.
    if (!run.figures.empty()) {
        remarks << '\n' << table_text(run.figures) << '\n';
        if (!options.results_directory.empty()) {
            ANNALS_TRY(
                const std::string base, write_report(options.results_directory, run.figures, load)
            );
            remarks << "written to " << base << ".{json,md,svg}" << std::endl;
        }
    }
    ANNALS_CHECK(status);
    return std::ranges::all_of(run.figures, &Figure::is_met);
}

}  // namespace annals::bench_kit
