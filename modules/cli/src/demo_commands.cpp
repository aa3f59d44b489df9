// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <cstdint>
#include <fstream>
#include <string>

#include "annals/interchange/demo_orders.hpp"

#include "program.hpp"

namespace annals::cli {
namespace {

struct DemoOptions {
    std::uint64_t rows = 4'000;
    std::string file = "-";
};

constexpr std::string_view kImport =
    "annals import csv FILE --stream 'order-{order}' --type-column event --time-column at "
    "--actor-column by --tag-column customer=customer --number-column quantity --number-column "
    "price";

Result<ExitCode> write_csv(Session& session, const DemoOptions& options) {
    if (options.rows > interchange::kDemoRowsMax) {
        return Error(
                   ErrorCode::kLimitExceeded,
                   "--rows " + std::to_string(options.rows) + " is too many: at most " +
                       std::to_string(interchange::kDemoRowsMax)
        )
            .with("remedy", "Write fewer rows.")
            .with("field", "rows")
            .with("value", std::to_string(options.rows))
            .with("limit", std::to_string(interchange::kDemoRowsMax));
    }
    if (options.file == "-") {
        interchange::write_demo_orders(session.terminal().out, options.rows);
        return ExitCode::kOk;
    }
    std::ofstream file(options.file, std::ios::binary | std::ios::trunc);
    if (file) interchange::write_demo_orders(file, options.rows);
    if (!file.flush()) {
        return Error(ErrorCode::kIoError, options.file + " cannot be written");
    }
    session.remark(
        options.file + " holds " + std::to_string(options.rows) + " events of a made-up shop"
    );
    return ExitCode::kOk;
}

}  // namespace

void add_demo_commands(Program& program) {
    CLI::App& group = program.group("demo", "something to play with");
    CLI::App& command = program.command(
        group,
        "csv",
        "write a file with the orders of a made-up shop, the same each time",
        "annals demo csv -f orders.csv"
    );
    command.footer(
        "Example:\n  annals demo csv -f orders.csv\nTo import it:\n  " + std::string(kImport) + "\n"
    );
    auto options = std::make_shared<DemoOptions>();
    command.add_option("--rows", options->rows, "events to write; at most 10 million")
        ->capture_default_str();
    command.add_option("-f,--file", options->file, "where to write; - is the standard output")
        ->capture_default_str();
    program.on(command, [options](Session& session) { return write_csv(session, *options); });
}

}  // namespace annals::cli
