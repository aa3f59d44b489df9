// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <functional>
#include <stdexcept>
#include <string>

#include <CLI/CLI.hpp>

namespace samples {

/// The store that a sample works on, and where it answers.
struct Where {
    std::string store = "127.0.0.1:7400";
    std::string name_space = "default";
    std::string http = "127.0.0.1:8080";
};

/// Flags that cannot be together: the program ends with 2.
class BadFlags : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// What main() of every sample does around its work.
class Program {
  public:
    /// With --version, and the flags of `where`, which it fills and must outlive it.
    Program(
        const std::string& name,
        const std::string& what,
        Where& where,
        const std::string& what_of_namespace
    );

    /// For the flags of one's own, and the footer.
    [[nodiscard]] CLI::App& flags() { return app_; }
    /// Reads the flags, lets the log go to stderr, a line an entry, UTC, and works. What main()
    /// answers: 0; 2 for BadFlags, 1 for any other exception, whose message is printed.
    int run(int argc, char** argv, const std::function<void()>& work);

  private:
    CLI::App app_;
};

/// Prints the one line on stdout that says that all doors are open, and with which ports:
/// `annals-users is ready: grpc 127.0.0.1:9090, http 127.0.0.1:8080`.
void say_ready(const std::string& program, const std::string& doors);

}  // namespace samples
