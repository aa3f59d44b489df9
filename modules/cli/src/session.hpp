// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "annals/api/event_store.hpp"
#include "annals/base/result.hpp"

#include "printer.hpp"
#include "terminal.hpp"

namespace annals::cli {

/// What the flags that every command takes say.
struct GlobalOptions {
    std::string server = "127.0.0.1:7400";
    std::string name_space = "default";
    std::string output = "table";
    std::string timeout = "30s";
    bool is_quiet = false;
};

/// Opens the store that the options name.
using Connector = std::function<Result<std::unique_ptr<api::EventStore>>(const GlobalOptions&)>;

/// One run of the program: options, terminal, and the server once a command asks for it.
class Session {
  public:
    Session(Terminal& terminal, Connector connector)
        : terminal_(terminal), connector_(std::move(connector)) {}

    GlobalOptions options;
    std::string program_name = "annals";  ///< as it was called, for things to try

    /// Connects on first use.
    Result<api::EventStore*> store();
    /// For one call, its deadline counted from now.
    [[nodiscard]] api::CallContext context() const;
    /// For calls that end when the user says so.
    [[nodiscard]] api::CallContext endless_context() const;

    [[nodiscard]] Terminal& terminal() { return terminal_; }
    [[nodiscard]] Printer printer() { return {terminal_, format()}; }
    [[nodiscard]] OutputFormat format() const;
    /// A remark for people, on the error stream; nothing when quiet.
    void remark(std::string_view text);

  private:
    Terminal& terminal_;
    Connector connector_;
    std::unique_ptr<api::EventStore> store_;
};

}  // namespace annals::cli
