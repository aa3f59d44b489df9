// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <memory>
#include <string>

#include "annals/interchange/csv_format.hpp"
#include "annals/interchange/json_formats.hpp"
#include "annals/interchange/store_source.hpp"
#include "annals/interchange/xes_format.hpp"

#include "csv_mapping_flags.hpp"
#include "import_run.hpp"
#include "program.hpp"
#include "selection_flags.hpp"
#include "store_address.hpp"

namespace annals::cli {
namespace {

struct CsvOptions {
    ImportFlags flags;
    CsvMappingFlags mapping;
};

struct StoreOptions {
    ImportFlags flags;
    std::string address;
    std::string name_space = "default";
    SelectionFlags selection;
};

void add_csv(Program& program, CLI::App& group) {
    CLI::App& command = program.command(
        group,
        "csv",
        "import a CSV file: its first line names the columns, each further record is an event. "
        "Columns that are not mapped become JSON data; without any mapping it is a file as export "
        "csv writes it. Importing twice adds nothing.",
        "annals import csv orders.csv --stream 'order-{order}' --type-column event --time-column at"
    );
    auto options = std::make_shared<CsvOptions>();
    options->flags.declare_with_file(command);
    options->flags.declare_restore(command);
    options->mapping.declare(command);
    program.on(command, [options](Session& session) -> Result<ExitCode> {
        ANNALS_TRY(const interchange::CsvMapping mapping, options->mapping.resolve());
        return import_file(session, options->flags, ".csv", [&](std::istream& input) {
            return interchange::open_csv_source(input, mapping);
        });
    });
}

void add_ndjson(Program& program, CLI::App& group) {
    CLI::App& command = program.command(
        group,
        "ndjson",
        "import events as JSON, one a line, as export ndjson writes them; a line that is a "
        "CloudEvent is taken as one. Importing twice adds nothing.",
        "annals import ndjson events.ndjson.zst"
    );
    auto flags = std::make_shared<ImportFlags>();
    flags->declare_with_file(command);
    flags->declare_restore(command);
    program.on(command, [flags](Session& session) {
        return import_file(
            session,
            *flags,
            ".ndjson",
            [](std::istream& input) -> Result<std::unique_ptr<interchange::RecordSource>> {
                return interchange::make_ndjson_source(input);
            }
        );
    });
}

void add_cloud_events(Program& program, CLI::App& group) {
    CLI::App& command = program.command(
        group,
        "cloudevents",
        "import CloudEvents, as a JSON array of them (a batch) or one a line; each goes to the "
        "stream of its subject. Importing twice adds nothing.",
        "annals import cloudevents batch.json"
    );
    auto flags = std::make_shared<ImportFlags>();
    flags->declare_with_file(command);
    program.on(command, [flags](Session& session) {
        return import_file(
            session,
            *flags,
            ".ndjson",
            [](std::istream& input) -> Result<std::unique_ptr<interchange::RecordSource>> {
                return interchange::make_cloud_events_source(input);
            }
        );
    });
}

struct XesFlags {
    ImportFlags flags;
    interchange::XesOptions xes;
};

void add_xes(Program& program, CLI::App& group) {
    CLI::App& command = program.command(
        group,
        "xes",
        "import a XES log of process mining (IEEE 1849): a trace is a stream, concept:name the "
        "type, time:timestamp when it happened, org:resource who did it; everything else becomes "
        "data. Importing twice adds nothing.",
        "annals import xes permits.xes.gz --stream-prefix permit-"
    );
    auto options = std::make_shared<XesFlags>();
    options->flags.declare_with_file(command);
    command.add_option("--stream-prefix", options->xes.stream_prefix, "before the name of a trace");
    command.add_option(
        "--time-zone", options->xes.time_zone, "of times without an offset: UTC or +02:00"
    );
    program.on(command, [options](Session& session) {
        return import_file(session, options->flags, ".xes", [&](std::istream& input) {
            return interchange::make_xes_source(input, options->xes);
        });
    });
}

Result<ExitCode> import_store(Session& session, const StoreOptions& options) {
    ANNALS_TRY(
        const std::unique_ptr<api::EventStore> from,
        connect_to_address(options.address, session.options)
    );
    interchange::StoreSourceOptions source_options;
    source_options.name_space = options.name_space;
    ANNALS_TRY(source_options.selection, options.selection.resolve());
    ANNALS_TRY(
        const std::unique_ptr<interchange::StoreSource> source,
        interchange::StoreSource::open(*from, source_options)
    );
    return import_source(session, options.flags, *source);
}

void add_store(Program& program, CLI::App& group) {
    CLI::App& command = program.command(
        group,
        "store",
        "copy events of another annals server, in their order, with their ids. Copying twice adds "
        "nothing.",
        "annals import store http://10.0.0.7:7401 --all"
    );
    auto options = std::make_shared<StoreOptions>();
    command.add_option("address", options->address, "http://HOST:PORT, or HOST:PORT for gRPC")
        ->required();
    options->selection.declare(command);
    command.add_option("--from-namespace", options->name_space, "of the other server")
        ->capture_default_str();
    options->flags.declare(command);
    options->flags.declare_restore(command);
    program.on(command, [options](Session& session) { return import_store(session, *options); });
}

}  // namespace

void add_import_commands(Program& program) {
    CLI::App& group = program.group("import", "bring data in");
    add_ndjson(program, group);
    add_csv(program, group);
    add_xes(program, group);
    add_cloud_events(program, group);
    add_store(program, group);
}

}  // namespace annals::cli
