// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "annals/base/result.hpp"

namespace annals::bench_kit {

/// A program that was started by us, with its standard error (or output) at hand. Killed when
/// destroyed.
class Child {
  public:
    enum class Listen : unsigned char { kStandardOutput, kStandardError };

    /// `is_shielded`: in a process group of its own, which signals from the terminal do not reach.
    static Result<std::unique_ptr<Child>> start(
        const std::vector<std::string>& command, Listen listen, bool is_shielded = false
    );
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child();

    /// Waits for a line that contains the text; unavailable with what was said when it ends before.
    Result<std::string> wait_for_line(const std::string& text, double seconds_max);
    /// From now on what it says is read and forgotten, so that a full pipe never stops it.
    void forget_the_rest();
    /// SIGTERM and waits; its exit code.
    int stop();
    /// SIGKILL and waits.
    void kill();

    [[nodiscard]] pid_t pid() const { return pid_; }

  private:
    Child(pid_t pid, int output, int input) : pid_(pid), output_(output), input_(input) {}
    int finish(int signal);

    pid_t pid_;
    int output_;  ///< what the child writes
    int input_;   ///< its standard input: it ends when we do
    std::string said_;
    std::thread forgetting_;
};

/// A server of ours on a folder, on free ports.
class ServerChild {
  public:
    struct Options {
        std::string program;    ///< annals itself
        std::string directory;  ///< empty: in memory
        /// Ctrl-C at the terminal is for us alone: the server goes on until it is told.
        bool is_shielded = false;
    };
    /// Waits until it is ready. unavailable, with what it said, when it is not within two minutes.
    static Result<ServerChild> start(const Options& options);

    [[nodiscard]] const std::string& address() const { return address_; }
    [[nodiscard]] double seconds_to_ready() const { return seconds_to_ready_; }
    /// What it has taken for itself, in MiB: its resident memory without files (proc(5), RssAnon).
    [[nodiscard]] Result<double> memory_mib() const;
    void stop() { child_->stop(); }
    void kill() { child_->kill(); }

  private:
    std::unique_ptr<Child> child_;
    std::string address_;
    double seconds_to_ready_ = 0;
};

}  // namespace annals::bench_kit
