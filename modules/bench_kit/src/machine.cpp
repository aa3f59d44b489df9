// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/bench_kit/machine.hpp"

#include <sys/utsname.h>
#include <unistd.h>

#include <fstream>

#include "figure.hpp"

namespace annals::bench_kit {
namespace {

std::string processor_name() {
    std::ifstream file("/proc/cpuinfo");
    std::string line;
    while (std::getline(file, line)) {
        if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
    }
    return "unknown processor";
}

}  // namespace

std::string machine_text() {
    utsname system{};
    uname(&system);
    return processor_name() + ", " + std::to_string(sysconf(_SC_NPROCESSORS_ONLN)) + " cores, " +
           system.sysname + " " + system.release;
}

std::string machine_load() {
    std::ifstream file("/proc/loadavg");
    double load = 0;
    file >> load;
    const auto cores = static_cast<double>(sysconf(_SC_NPROCESSORS_ONLN));
    std::string text = "load " + number_text(load) + " on " + number_text(cores) + " cores before";
    if (load > cores / 2) {
        text += ": others were using the machine; these figures say little about annals";
    }
    return text;
}

}  // namespace annals::bench_kit
