// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "annals/base/result.hpp"

namespace annals::bench_kit {

struct BenchOptions {
    std::string server;   ///< HOST:PORT; empty: starts `program serve` on a folder of its own
    std::string program;  ///< this program, to be started as server and as null server
    std::vector<std::string> figures;  ///< names, see figure_names(); empty: all
    std::uint64_t events = 1'000'000;  ///< loaded before reading and catch-up are measured
    std::uint64_t events_start =
        10'000'000;  ///< stored when start to ready is measured; own server only
    std::uint64_t events_large =
        20'000'000;                 ///< stored when rates are compared with those at `events`
    double seconds = 2;             ///< of each measurement
    int rounds = 3;                 ///< of those that are compared; the median counts
    std::string work_directory;     ///< on the disk to be measured; empty: the results folder
    std::string results_directory;  ///< empty: nothing is written
    bool is_quick = false;          ///< all of it in half a minute, figures rough
};

/// Names of all figures, in the order in which they are measured.
std::vector<std::string> figure_names();

/// Measures, prints a JSON line for each figure to `out` and remarks to `remarks`, writes the
/// report. True when every figure met its goal.
Result<bool> run_bench(const BenchOptions& options, std::ostream& out, std::ostream& remarks);

/// Answers null calls on a free port of 127.0.0.1, which it prints to `out`, until its standard
/// input ends: the ceiling for everything that goes over gRPC.
Status run_null_server(std::ostream& out);

}  // namespace annals::bench_kit
