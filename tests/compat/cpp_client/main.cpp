// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
// Plays tests/compat/clients/scenarios.yaml with the C++ client: over gRPC as run.py calls it, or
// with --embedded all scenarios that need no network and no server, in process.

#include <algorithm>
#include <chrono>
#include <iostream>
#include <string>
#include <vector>

#include "stage.hpp"

namespace annals::scenarios {
namespace {

bool needs_server(const Json& scenario) {
    return std::ranges::any_of(scenario.at("steps"), [](const Json& step) {
        return step.contains("network") || step.contains("server") ||
               (step.contains("read") && step.at("read").contains("network"));
    });
}

/// Plays a scenario and prints its line.
bool report(const Json& scenario, const World& world) {
    const auto begun = std::chrono::steady_clock::now();
    Json line = {{"scenario", scenario.at("scenario")}, {"passed", true}};
    int number = 0;
    try {
        Stage stage(world, scenario.at("scenario"));
        for (const Json& step : scenario.at("steps")) {
            ++number;
            stage.play(step);
        }
    } catch (const std::exception& error) {
        line["passed"] = false;
        line["message"] = "step " + std::to_string(number) + " " + error.what();
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begun;
    line["seconds"] = seconds.count();
    std::cout << line.dump() << std::endl;
    return line["passed"];
}

int run(const std::vector<std::string>& arguments) {
    World world;
    std::string list;
    std::vector<std::string> only;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& flag = arguments[i];
        if (flag == "--embedded") {
            world.is_embedded = true;
            continue;
        }
        if (i + 1 == arguments.size()) throw std::runtime_error(flag + " needs a value");
        const std::string& value = arguments[++i];
        if (flag == "--scenarios") list = value;
        if (flag == "--server") world.server = value;
        if (flag == "--steady") world.steady = value;
        if (flag == "--control") world.control = value;
        if (flag == "--only") only.push_back(value);
    }
    int played = 0;
    int failed = 0;
    for (const Json& scenario : load_yaml(list)) {
        const std::string name = scenario.at("scenario");
        if (!only.empty() && std::ranges::find(only, name) == only.end()) continue;
        if (world.is_embedded && needs_server(scenario)) continue;
        ++played;
        if (!report(scenario, world)) ++failed;
    }
    std::cerr << played << " scenarios, " << failed << " failed\n";
    return failed == 0 && played > 0 ? 0 : 1;
}

}  // namespace
}  // namespace annals::scenarios

int main(int count, char** arguments) {
    try {
        return annals::scenarios::run({arguments + 1, arguments + count});
    } catch (const std::exception& error) {
        std::cerr << error.what() << "\n";
        return 1;
    }
}
