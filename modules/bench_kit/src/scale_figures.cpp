// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <string>
#include <vector>

#include "annals/api_wire/append_wire.hpp"

#include "bench_run.hpp"
#include "read_streams.hpp"

namespace annals::bench_kit {
namespace {

Result<double> append_rate(BenchRun& run) {
    Dice dice(5);
    const std::string category = "scale" + run.tag;
    std::vector<double> rates;
    for (int round = 0; round < run.options.rounds; ++round) {
        ANNALS_TRY(
            const LoopResult result,
            run.server().loop(
                kAppend,
                kInFlight,
                {.seconds = run.options.seconds},
                [&](std::size_t, std::string& request) {
                    const std::string name = stream_name(category, dice.roll(kStreamsPerBlock));
                    model::AppendRequest append;
                    append.events.push_back(run.events.make(name));
                    api_wire::encode_append_request(request, {}, append);
                },
                [](std::size_t, std::string_view) { return ok(); }
            )
        );
        rates.push_back(result.rate());
    }
    return median(rates);
}

Result<double> read_rate(BenchRun& run) {
    std::vector<double> rates;
    for (int round = 0; round < run.options.rounds; ++round) {
        ANNALS_TRY(const double rate, read_streams(run, run.options.seconds));
        rates.push_back(rate);
    }
    return median(rates);
}

std::string millions(std::uint64_t events) {
    return number_text(static_cast<double>(events) / 1e6) + " M events";
}

Status measure_start(BenchRun& run, const char* name, bool is_kill, double goal) {
    if (!run.is_wanted(name)) return ok();
    ANNALS_CHECK(run.load(run.options.events_start));
    if (is_kill) {
        ANNALS_CHECK(append_rate(run));  // something for the index to catch up with
    } else {
        ANNALS_CHECK(run.restart(false));  // the end before this start is clean then
    }
    ANNALS_TRY(const double seconds, run.restart(is_kill));
    Figure figure;
    figure.name = name;
    figure.value = seconds;
    figure.unit = "s";
    figure.ceiling = goal;
    figure.ratio = seconds;
    figure.goal = goal;
    figure.better = Better::kLower;
    figure.ceiling_is = "the goal itself";
    figure.what = std::string(is_kill ? "start to ready after kill -9, " : "start to ready, ") +
                  millions(run.loaded_events);
    run.add(figure);
    return ok();
}

void add_share(
    BenchRun& run, const char* name, const char* what, double at_large, double at_small
) {
    Figure figure;
    figure.name = name;
    figure.value = at_large;
    figure.unit = std::string(what) + "s/s";
    figure.ceiling = at_small;
    figure.ratio = at_large / at_small;
    figure.goal = 0.9;
    figure.ceiling_is = "the same at " + millions(run.options.events);
    figure.what = std::string(what) + " at " + millions(run.loaded_events) + ", 64 in flight";
    run.add(figure);
}

/// The default of `index.memory`.
constexpr double kBudgetMib = 512;

/// Beyond the budget the disk is read, and no more memory is taken.
Status measure_memory(BenchRun& run) {
    ANNALS_TRY(const double idle, run.idle_memory_mib());
    ANNALS_CHECK(run.load(run.options.events_large));
    ANNALS_CHECK(read_rate(run));
    ANNALS_TRY(const double loaded, run.memory_mib());
    const double streams = static_cast<double>(run.loaded_events) / kEventsPerStream;
    Figure figure;
    figure.name = "memory_at_scale";
    figure.value = loaded;
    figure.unit = "MiB";
    figure.ceiling = kBudgetMib + idle;
    figure.ratio = loaded / figure.ceiling;
    figure.goal = 1.0;
    figure.better = Better::kLower;
    figure.ceiling_is = "the index's budget, and what a server without events has";
    figure.what = "resident memory without files at " + millions(run.loaded_events) + " in " +
                  number_text(streams / 1e6) + " M streams";
    run.add(figure);
    return ok();
}

}  // namespace

Status measure_scale(BenchRun& run) {
    const bool is_scale_wanted = run.is_wanted("append_at_scale") || run.is_wanted("read_at_scale");
    double append_small = 0;
    double read_small = 0;
    if (is_scale_wanted) {
        ANNALS_CHECK(run.load(run.options.events));
        run.remark("append and read at " + millions(run.loaded_events));
        ANNALS_TRY(append_small, append_rate(run));
        ANNALS_TRY(read_small, read_rate(run));
    }
    if (run.has_own_server()) {
        ANNALS_CHECK(measure_start(run, "start_clean", false, 0.1));
        ANNALS_CHECK(measure_start(run, "start_after_kill", true, 1.0));
    } else {
        run.remark("start to ready is measured of an own server only: leave out --server");
    }
    const bool is_memory_wanted = run.has_own_server() && run.is_wanted("memory_at_scale");
    if (!is_scale_wanted) return is_memory_wanted ? measure_memory(run) : ok();
    ANNALS_CHECK(run.load(run.options.events_large));
    run.remark("append and read at " + millions(run.loaded_events));
    ANNALS_TRY(const double append_large, append_rate(run));
    ANNALS_TRY(const double read_large, read_rate(run));
    if (run.is_wanted("append_at_scale")) {
        add_share(run, "append_at_scale", "append", append_large, append_small);
    }
    if (run.is_wanted("read_at_scale"))
        add_share(run, "read_at_scale", "read", read_large, read_small);
    return is_memory_wanted ? measure_memory(run) : ok();
}

}  // namespace annals::bench_kit
