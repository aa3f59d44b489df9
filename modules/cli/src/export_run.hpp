// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include <CLI/CLI.hpp>

#include "annals/interchange/record_sink.hpp"
#include "annals/interchange/store_source.hpp"

#include "exit_code.hpp"
#include "selection_flags.hpp"
#include "session.hpp"

namespace annals::cli {

/// What every export takes.
struct ExportFlags {
    std::string file;
    SelectionFlags selection;
    bool is_forced = false;
    bool is_anew = false;
    std::string data;  ///< the folder of a stopped server instead of a running one
    std::string part = "events";

    void declare(CLI::App& command);
};

/// A format as an export sees it.
struct ExportFormat {
    std::string name;
    interchange::ReadOrder order;
    std::function<std::unique_ptr<interchange::RecordSink>(std::ostream&)> make_sink;
};

/// Exports from the server into a file, or to the standard output: progress, and going on where an
/// earlier run was stopped.
Result<ExitCode> export_file(
    Session& session, const ExportFlags& flags, const ExportFormat& format
);

}  // namespace annals::cli
