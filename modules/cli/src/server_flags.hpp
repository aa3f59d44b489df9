// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <map>
#include <string>

#include <CLI/CLI.hpp>

#include "annals/config/server_settings.hpp"

namespace annals::cli {

/// The server's settings as flags, made from their declaration, plus --config.
class ServerFlags {
  public:
    void declare(CLI::App& command);
    [[nodiscard]] config::Settings resolve() const;

  private:
    std::map<std::string, std::string> texts_;  ///< by setting name
    std::map<std::string, const CLI::Option*> options_;
    std::map<std::string, bool> switches_;
    std::string config_file_;
};

}  // namespace annals::cli
