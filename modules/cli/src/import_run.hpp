// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <functional>
#include <istream>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "annals/interchange/record_source.hpp"

#include "exit_code.hpp"
#include "session.hpp"

namespace annals::cli {

/// What every import takes.
struct ImportFlags {
    std::string file;
    std::string source;
    std::string rejects_file;
    std::string patience = "30s";
    bool is_dry_run = false;
    bool is_restore = false;
    std::string data;  ///< with is_restore: the data folder of a stopped server
    std::string part = "events";

    /// With `file` as the first argument, a file or `-`.
    void declare_with_file(CLI::App& command);
    /// The rest alone, for imports from elsewhere.
    void declare(CLI::App& command);
    /// For formats that keep positions, revisions and recorded times.
    void declare_restore(CLI::App& command);
};

/// Makes the source of a format of an input.
using OpenSource =
    std::function<Result<std::unique_ptr<interchange::RecordSource>>(std::istream& input)>;

/// Imports a file, or the standard input, into the server: progress, rejects, what came of it.
/// `suffix` is that of the file of rejects, `.csv`.
Result<ExitCode> import_file(
    Session& session, const ImportFlags& flags, const std::string& suffix, const OpenSource& open
);

/// The same of a source that is no file. `total` is what consumed() of the source reaches; 0: not
/// known.
Result<ExitCode> import_source(
    Session& session, const ImportFlags& flags, interchange::RecordSource& source
);

}  // namespace annals::cli
