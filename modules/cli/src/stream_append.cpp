// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <optional>
#include <string>
#include <vector>

#include "annals/interchange/time_parser.hpp"
#include "annals/model/append.hpp"
#include "annals/model/limits.hpp"

#include "argument.hpp"
#include "expected.hpp"
#include "program.hpp"
#include "time_text.hpp"

namespace annals::cli {
namespace {

struct AppendOptions {
    std::string stream;
    std::string type;
    std::string data;
    std::string id;
    std::vector<std::string> tags;
    std::string metadata;
    std::string actor;
    std::string time;
    std::string content_type;
    std::string expected = "any";
    std::string idempotency_key;
};

Status fill_event(const AppendOptions& options, model::NewEvent& event) {
    event.stream = options.stream;
    event.type = options.type;
    event.actor = options.actor;
    event.content_type = options.content_type;
    for (const std::string& tag : options.tags) event.tags.push_back(tag);
    if (!options.id.empty()) {
        const std::optional<Uuid> id = Uuid::parse(options.id);
        if (!id) return Error(ErrorCode::kInvalidArgument, "--id " + options.id + " is not a UUID");
        event.id = *id;
    }
    if (!options.time.empty()) {
        ANNALS_TRY(const auto parser, interchange::TimeParser::make("iso", ""));
        Result<model::ValidTime> time = parser.parse(options.time);
        if (!time) return of_flag("--time", time.error());
        event.valid_time = *time;
    }
    return ok();
}

void show_answer(Session& session, const api::AppendResponse& answer, const std::string& stream) {
    const Revision revision = answer.streams.empty() ? Revision() : answer.streams.front().last;
    Json json;
    json["stream"] = stream;
    json["revision"] = revision.value;
    json["position"] = answer.last_position.value;
    json["token"] = answer.position;
    json["recorded_time"] = time_text(answer.recorded_time);
    json["is_replay"] = answer.is_replay;
    json["is_durable"] = answer.is_durable;
    Printer printer = session.printer();
    if (!printer.is_table()) return printer.object(json);
    if (session.options.is_quiet) return;
    session.terminal().out << (answer.is_replay ? "already there: " : "appended: ")
                           << printable(stream) << " revision " << revision.value << ", position "
                           << answer.last_position.value
                           << (answer.is_durable ? "" : " (not yet durable)") << '\n';
}

Result<ExitCode> append(Session& session, const AppendOptions& options) {
    ANNALS_TRY(const std::string data, read_argument(options.data, session.terminal()));
    ANNALS_TRY(const std::string metadata, read_argument(options.metadata, session.terminal()));
    const bool is_json = options.content_type.empty();
    if (is_json && !data.empty() && !Json::accept(data)) {
        return Error(
            ErrorCode::kInvalidArgument,
            "the data is not JSON; write it in quotes as one argument, or name its --content-type"
        );
    }
    model::NewEvent event;
    ANNALS_CHECK(fill_event(options, event));
    event.data = data;
    event.metadata = metadata;

    model::AppendRequest request;
    request.stream = options.stream;
    request.idempotency_key = options.idempotency_key;
    request.events.push_back(event);
    ANNALS_TRY(const auto expected, parse_expected(options.expected));
    if (expected) request.checks.emplace_back(model::StreamCheck{options.stream, *expected});

    ANNALS_TRY(api::EventStore * store, session.store());
    ANNALS_TRY(const auto answer, store->append_and_wait(session.context(), request));
    show_answer(session, answer, options.stream);
    return ExitCode::kOk;
}

}  // namespace

void add_stream_append(Program& program, CLI::App& group) {
    CLI::App& command = program.command(
        group,
        "append",
        "append one event to a stream",
        R"(annals stream append order-1 --type OrderPlaced --data '{"total": 20}' --expect none)"
    );
    auto options = std::make_shared<AppendOptions>();
    command.add_option("stream", options->stream, "the stream, e.g. order-1")->required();
    command.add_option("-t,--type", options->type, "the event's type")->required();
    command.add_option("-d,--data", options->data, "JSON, - for the standard input, or @FILE");
    command.add_option("--content-type", options->content_type, "of data that is not JSON");
    command.add_option(
        "--id", options->id, "UUID; the same id again is answered as the first time"
    );
    command.add_option("--tag", options->tags, "key:value, may be given several times")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command.add_option("--metadata", options->metadata, "opaque to the server; -, @FILE as above");
    command.add_option("--actor", options->actor, "who did it");
    command.add_option("--time", options->time, "when it happened, ISO 8601 with offset");
    command
        .add_option(
            "-e,--expect", options->expected, "any, none, exists, deleted, or the last revision"
        )
        ->capture_default_str();
    command.add_option(
        "--idempotency-key", options->idempotency_key, "makes the ids; at most 255 bytes"
    );
    program.on(command, [options](Session& session) { return append(session, *options); });
}

}  // namespace annals::cli
