// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/bench_kit/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "stopwatch.hpp"

namespace annals::bench_kit {
namespace {

constexpr double kReadySecondsMax = 120;

[[noreturn]] void become(const std::vector<std::string>& command) {
    std::vector<char*> arguments;
    arguments.reserve(command.size() + 1);
    for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
}

}  // namespace

Result<std::unique_ptr<Child>> Child::start(
    const std::vector<std::string>& command, Listen listen, bool is_shielded
) {
    std::array<int, 2> output{};
    std::array<int, 2> input{};
    if (::pipe2(output.data(), O_CLOEXEC) != 0 || ::pipe2(input.data(), O_CLOEXEC) != 0) {
        return Error(ErrorCode::kIoError, "a pipe cannot be made");
    }
    const pid_t pid = ::fork();
    if (pid < 0) return Error(ErrorCode::kIoError, "a process cannot be started");
    if (pid == 0) {
        if (is_shielded) {
            ::setpgid(0, 0);
            // It must not outlive us, whatever happens to us.
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        }
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

void Child::forget_the_rest() {
    if (forgetting_.joinable()) return;
    forgetting_ = std::thread([output = output_] {
        std::array<char, 4'096> bytes{};
        ssize_t got = 1;
        while (got > 0 || (got < 0 && errno == EINTR)) {
            got = ::read(output, bytes.data(), bytes.size());
        }
    });
}

int Child::stop() { return finish(SIGTERM); }

void Child::kill() { finish(SIGKILL); }

int Child::finish(int signal) {
    if (pid_ <= 0) return 0;
    ::kill(pid_, signal);
    ::close(input_);
    int status = 0;
    if (!forgetting_.joinable()) ::close(output_);
    ::waitpid(std::exchange(pid_, 0), &status, 0);
    if (forgetting_.joinable()) {
        forgetting_.join();  // what it read from ended with the child
        ::close(output_);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

Result<ServerChild> ServerChild::start(const Options& options) {
    ServerChild server;
    const Stopwatch watch;
    std::vector<std::string> command{
        options.program,
        "serve",
        "--grpc",
        "127.0.0.1:0",
        "--http",
        "127.0.0.1:0",
        "--log-format",
        "json"
    };
    if (options.directory.empty()) {
        command.emplace_back("--memory");
    } else {
        command.insert(command.end(), {"--data", options.directory});
    }
    ANNALS_TRY(
        server.child_, Child::start(command, Child::Listen::kStandardError, options.is_shielded)
    );
    ANNALS_TRY(
        const std::string line, server.child_->wait_for_line("\"server ready\"", kReadySecondsMax)
    );
    server.seconds_to_ready_ = watch.seconds();
    const nlohmann::json ready = nlohmann::json::parse(line, nullptr, false);
    if (!ready.is_object() || !ready.contains("grpc_port")) {
        return Error(ErrorCode::kInternal, "the server's first line is not understood: " + line);
    }
    server.child_->forget_the_rest();
    server.address_ = "127.0.0.1:" + std::to_string(ready["grpc_port"].get<int>());
    return server;
}

Result<double> ServerChild::memory_mib() const {
    std::ifstream status("/proc/" + std::to_string(child_->pid()) + "/status");
    constexpr std::string_view kName = "RssAnon:";
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with(kName)) return std::stod(line.substr(kName.size())) / 1024;
    }
    return Error(ErrorCode::kUnavailable, "the system does not tell the server's memory");
}

}  // namespace annals::bench_kit
