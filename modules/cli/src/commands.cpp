// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "program.hpp"

namespace annals::cli {

void add_commands(Program& program) {
    add_serve_command(program);
    CLI::App& stream = program.group("stream", "streams of events");
    add_stream_append(program, stream);
    add_stream_read(program, stream);
    add_stream_tail(program, stream);
    add_stream_list(program, stream);
    add_stream_metadata(program, stream);
    add_stream_delete(program, stream);
    add_catalogue_commands(program);
    add_event_commands(program);
    add_snapshot_commands(program);
    add_crud_commands(program);
    add_consumer_commands(program);
    add_group_commands(program);
    add_namespace_commands(program);
    add_store_commands(program);
    add_import_commands(program);
    add_export_commands(program);
    add_demo_commands(program);
    add_config_commands(program);
    add_bench_command(program);
    add_completion_command(program);
    add_version_command(program);
    program.check_numbers();
}

}  // namespace annals::cli
