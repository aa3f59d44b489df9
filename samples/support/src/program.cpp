// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "samples/program.hpp"

#include <iostream>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace samples {
namespace {

void log_to_stderr() {
    const auto logger = spdlog::stderr_logger_mt("sample");
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    spdlog::set_default_logger(logger);
}

}  // namespace

Program::Program(
    const std::string& name,
    const std::string& what,
    Where& where,
    const std::string& what_of_namespace
)
    : app_(what, name) {
    app_.set_version_flag("--version", name + " " + ANNALS_SAMPLE_VERSION);
    app_.add_option("--store", where.store, "HOST:PORT of the annals server (gRPC)")
        ->capture_default_str()
        ->envname("ANNALS_SERVER");
    app_.add_option("--namespace", where.name_space, what_of_namespace)->capture_default_str();
    app_.add_option("--http", where.http, "HOST:PORT for HTTP; port 0 takes a free one")
        ->capture_default_str();
}

int Program::run(int argc, char** argv, const std::function<void()>& work) {
    CLI11_PARSE(app_, argc, argv);
    log_to_stderr();
    const auto ended = [&](const std::exception& error, int code) {
        std::cerr << app_.get_name() << ": " << error.what() << "\n";
        return code;
    };
    try {
        work();
        return 0;
    } catch (const BadFlags& error) {
        return ended(error, 2);
    } catch (const std::exception& error) {
        return ended(error, 1);
    }
}

void say_ready(const std::string& program, const std::string& doors) {
    std::cout << program << " is ready: " << doors << std::endl;
}

}  // namespace samples
