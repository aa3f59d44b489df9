// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <dirent.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "annals/telemetry/metrics.hpp"

namespace annals::telemetry {
namespace {

double cpu_seconds() {
    timespec time{};
    if (::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) != 0) return 0;
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

/// Field `index` (0-based) of /proc/self/statm, in bytes.
double memory_bytes(int index) {
    std::ifstream file("/proc/self/statm");
    double pages = 0;
    for (int i = 0; i <= index; ++i) {
        if (!(file >> pages)) return 0;
    }
    return pages * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double open_files() {
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc/self/fd"), ::closedir);
    if (!folder) return 0;
    double count = 0;
    while (::readdir(folder.get()) != nullptr) ++count;
    return count - 3;  // ".", ".." and the folder itself
}

double files_max() {
    rlimit limit{};
    return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? static_cast<double>(limit.rlim_cur) : 0;
}

/// Field 22 of /proc/self/stat (ticks after boot) on the wall clock.
double start_time_seconds() {
    std::ifstream file("/proc/self/stat");
    std::string line;
    std::getline(file, line);
    // The program's name, field 2, is in parentheses and may hold blanks: count from the last one.
    std::size_t at = line.rfind(')');
    for (int field = 2; field < 22 && at != std::string::npos; ++field) at = line.find(' ', at + 1);
    if (at == std::string::npos) return 0;
    std::uint64_t ticks = 0;
    std::from_chars(line.data() + at + 1, line.data() + line.size(), ticks);
    timespec boot{};
    timespec wall{};
    ::clock_gettime(CLOCK_BOOTTIME, &boot);
    ::clock_gettime(CLOCK_REALTIME, &wall);
    const double booted = static_cast<double>(wall.tv_sec - boot.tv_sec) +
                          static_cast<double>(wall.tv_nsec - boot.tv_nsec) / 1e9;
    return booted + static_cast<double>(ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace

std::vector<Metrics::Callback> add_process_metrics(Metrics& metrics) {
    std::vector<Metrics::Callback> callbacks;
    callbacks.push_back(metrics.counter_callback(
        "process_cpu_seconds_total", "User and system CPU time spent in seconds.", cpu_seconds
    ));
    callbacks.push_back(metrics.gauge_callback(
        "process_virtual_memory_bytes",
        "Virtual memory size in bytes.",
        [] { return memory_bytes(0); }
    ));
    callbacks.push_back(metrics.gauge_callback(
        "process_resident_memory_bytes",
        "Resident memory size in bytes.",
        [] { return memory_bytes(1); }
    ));
    callbacks.push_back(
        metrics.gauge_callback("process_open_fds", "Number of open file descriptors.", open_files)
    );
    callbacks.push_back(metrics.gauge_callback(
        "process_max_fds", "Maximum number of open file descriptors.", files_max
    ));
    const double start = start_time_seconds();
    callbacks.push_back(metrics.gauge_callback(
        "process_start_time_seconds",
        "Start time of the process since the Unix epoch in seconds.",
        [start] { return start; }
    ));
    return callbacks;
}

}  // namespace annals::telemetry
