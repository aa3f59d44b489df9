// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <functional>
#include <memory>
#include <string>

#include "annals/interchange/csv_format.hpp"
#include "annals/interchange/json_formats.hpp"
#include "annals/interchange/xes_format.hpp"

#include "export_run.hpp"
#include "program.hpp"

namespace annals::cli {

namespace {

using interchange::RecordSink;

struct CloudOptions {
    ExportFlags flags;
    bool is_lines = false;
};

void add_ndjson(Program& program, CLI::App& group) {
    CLI::App& command = program.command(
        group,
        "ndjson",
        "write events as JSON, one a line, every byte of them kept",
        "annals export ndjson events.ndjson.zst --all"
    );
    auto flags = std::make_shared<ExportFlags>();
    flags->declare(command);
    program.on(command, [flags](Session& session) {
        return export_file(
            session, *flags, {"ndjson", interchange::ReadOrder::kLog, interchange::make_ndjson_sink}
        );
    });
}

void add_csv(Program& program, CLI::App& group) {
    CLI::App& command = program.command(
        group,
        "csv",
        "write events as CSV, every field of an event a column, its data one of them",
        "annals export csv orders.csv --category order"
    );
    auto flags = std::make_shared<ExportFlags>();
    flags->declare(command);
    program.on(command, [flags](Session& session) {
        return export_file(
            session, *flags, {"csv", interchange::ReadOrder::kLog, interchange::make_csv_sink}
        );
    });
}

void add_xes(Program& program, CLI::App& group) {
    CLI::App& command = program.command(
        group,
        "xes",
        "write events as a XES log (IEEE 1849) for tools of process mining, a stream a trace",
        "annals export xes permits.xes.gz --category case"
    );
    auto flags = std::make_shared<ExportFlags>();
    flags->declare(command);
    program.on(command, [flags](Session& session) {
        return export_file(
            session, *flags, {"xes", interchange::ReadOrder::kStreams, interchange::make_xes_sink}
        );
    });
}

void add_cloud_events(Program& program, CLI::App& group) {
    CLI::App& command = program.command(
        group,
        "cloudevents",
        "write events as a batch of CloudEvents 1.0, a JSON array",
        "annals export cloudevents batch.json --stream order-1"
    );
    auto options = std::make_shared<CloudOptions>();
    options->flags.declare(command);
    command.add_flag("--lines", options->is_lines, "one a line instead of an array");
    program.on(command, [options](Session& session) {
        const auto shape = options->is_lines ? interchange::CloudShape::kLines
                                             : interchange::CloudShape::kArray;
        return export_file(
            session,
            options->flags,
            {options->is_lines ? "cloudevents-lines" : "cloudevents",
             interchange::ReadOrder::kLog,
             [&](std::ostream& output) {
                 return interchange::make_cloud_events_sink(
                     output, shape, session.options.name_space
                 );
             }}
        );
    });
}

}  // namespace

void add_export_commands(Program& program) {
    CLI::App& group = program.group("export", "take data out");
    add_ndjson(program, group);
    add_csv(program, group);
    add_xes(program, group);
    add_cloud_events(program, group);
}

}  // namespace annals::cli
