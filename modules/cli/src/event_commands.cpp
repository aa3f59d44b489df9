// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "event_json.hpp"
#include "program.hpp"

namespace annals::cli {
namespace {

Result<ExitCode> get_event(Session& session, const std::string& text) {
    const std::optional<Uuid> id = Uuid::parse(text);
    if (!id) return Error(ErrorCode::kInvalidArgument, "'" + text + "' is not a UUID");
    ANNALS_TRY(api::EventStore * store, session.store());
    ANNALS_TRY(const api::ReadPage page, store->get_event(session.context(), *id));
    std::vector<Json> events;
    ANNALS_CHECK(page.events.for_each([&](const model::RecordedEvent& event) {
        events.push_back(event_to_json(event));
        return ok();
    }));
    Printer printer = session.printer();
    if (printer.is_table()) {
        for (const Json& event : events) printer.object(event);
    } else {
        printer.list({}, events);
    }
    return ExitCode::kOk;
}

}  // namespace

void add_event_commands(Program& program) {
    CLI::App& group = program.group("event", "single events");
    CLI::App& command = program.command(
        group,
        "get",
        "show the events with an id (one in each stream that has it)",
        "annals event get 0193a7c0-0000-7000-8000-000000000001"
    );
    auto id = std::make_shared<std::string>();
    command.add_option("id", *id, "UUID of the event")->required();
    program.on(command, [id](Session& session) { return get_event(session, *id); });
}

}  // namespace annals::cli
