// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <utility>

#include <nlohmann/json.hpp>

#include "stopwatch.hpp"

namespace annals::bench_kit {
namespace {

constexpr double kReadySecondsMax = 120;

[[noreturn]] void become(const std::vector<std::string>& command) {
    std::vector<char*> arguments;
    for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
}

}  // namespace

Result<std::unique_ptr<Child>> Child::start(
    const std::vector<std::string>& command, Listen listen
) {
    std::array<int, 2> output{};
    std::array<int, 2> input{};
    if (::pipe2(output.data(), O_CLOEXEC) != 0 || ::pipe2(input.data(), O_CLOEXEC) != 0) {
        return Error(ErrorCode::kIoError, "a pipe cannot be made");
    }
    const pid_t pid = ::fork();
    if (pid < 0) return Error(ErrorCode::kIoError, "a process cannot be started");
    if (pid == 0) {
        const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
        ::dup2(input[0], STDIN_FILENO);
        ::dup2(listen == Listen::kStandardOutput ? output[1] : null, STDOUT_FILENO);
        ::dup2(listen == Listen::kStandardError ? output[1] : STDERR_FILENO, STDERR_FILENO);
        become(command);
    }
    ::close(output[1]);
    ::close(input[0]);
    return std::unique_ptr<Child>(new Child(pid, output[0], input[1]));
}

Child::~Child() { kill(); }

Result<std::string> Child::wait_for_line(const std::string& text, double seconds_max) {
    const Stopwatch watch;
    while (watch.seconds() < seconds_max) {
        for (std::size_t end = said_.find('\n'); end != std::string::npos; end = said_.find('\n')) {
            std::string line = said_.substr(0, end);
            said_.erase(0, end + 1);
            if (line.find(text) != std::string::npos) return line;
        }
        pollfd ready{output_, POLLIN, 0};
        if (::poll(&ready, 1, 100) <= 0) continue;
        std::array<char, 4'096> bytes{};
        const ssize_t got = ::read(output_, bytes.data(), bytes.size());
        if (got <= 0) break;
        said_.append(bytes.data(), static_cast<std::size_t>(got));
    }
    return Error(ErrorCode::kUnavailable, "the server did not start: " + said_.substr(0, 2'000));
}

int Child::stop() { return finish(SIGTERM); }

void Child::kill() { finish(SIGKILL); }

int Child::finish(int signal) {
    if (pid_ <= 0) return 0;
    ::kill(pid_, signal);
    ::close(input_);
    ::close(output_);
    int status = 0;
    ::waitpid(std::exchange(pid_, 0), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

Result<ServerChild> ServerChild::start(const std::string& program, const std::string& directory) {
    ServerChild server;
    const Stopwatch watch;
    const std::vector<std::string> command{
        program,
        "serve",
        "--data",
        directory,
        "--grpc",
        "127.0.0.1:0",
        "--http",
        "127.0.0.1:0",
        "--log-format",
        "json"
    };
    ANNALS_TRY(server.child_, Child::start(command, Child::Listen::kStandardError));
    ANNALS_TRY(
        const std::string line, server.child_->wait_for_line("\"server ready\"", kReadySecondsMax)
    );
    server.seconds_to_ready_ = watch.seconds();
    const nlohmann::json ready = nlohmann::json::parse(line, nullptr, false);
    if (!ready.is_object() || !ready.contains("grpc_port")) {
        return Error(ErrorCode::kInternal, "the server's first line is not understood: " + line);
    }
    server.address_ = "127.0.0.1:" + std::to_string(ready["grpc_port"].get<int>());
    return server;
}

}  // namespace annals::bench_kit
