// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>

#include "confirmation.hpp"
#include "expected.hpp"
#include "program.hpp"

namespace annals::cli {
namespace {

struct EndOptions {
    std::string stream;
    std::string expected = "any";
    std::string idempotency_key;
    bool is_confirmed = false;
    bool is_dry_run = false;
};

struct TruncateOptions {
    std::string stream;
    std::uint64_t before = 0;
    std::string expected = "any";
    bool is_dry_run = false;
};

Result<api::DeleteStreamRequest> request_of(const EndOptions& options) {
    api::DeleteStreamRequest request;
    request.stream = options.stream;
    ANNALS_TRY(const auto expected, parse_expected(options.expected));
    request.expected = expected.value_or(model::ExpectedRevision::any());
    request.idempotency_key = options.idempotency_key;
    return request;
}

ExitCode show(Session& session, const api::LifeResponse& response, const std::string& remark) {
    if (session.printer().is_table()) {
        session.remark(remark);
    } else {
        session.printer().object(life_to_json(response));
    }
    return ExitCode::kOk;
}

Status say_what_would_go(Session& session, api::EventStore& store, const EndOptions& options) {
    ANNALS_TRY(const api::StreamInfo info, store.get_stream(session.context(), options.stream));
    session.terminal().out << "would hide " << info.events << " events of " << info.name << '\n';
    return ok();
}

Result<ExitCode> remove(Session& session, const EndOptions& options) {
    ANNALS_TRY(const api::DeleteStreamRequest request, request_of(options));
    ANNALS_TRY(api::EventStore * store, session.store());
    if (options.is_dry_run) {
        ANNALS_CHECK(say_what_would_go(session, *store, options));
        return ExitCode::kOk;
    }
    ANNALS_TRY(const auto response, store->delete_stream(session.context(), request));
    return show(
        session, response, "deleted " + options.stream + "; its next event makes it live again"
    );
}

Result<ExitCode> tombstone(Session& session, const EndOptions& options) {
    ANNALS_TRY(const api::DeleteStreamRequest request, request_of(options));
    ANNALS_TRY(api::EventStore * store, session.store());
    if (options.is_dry_run) {
        ANNALS_CHECK(say_what_would_go(session, *store, options));
        return ExitCode::kOk;
    }
    ANNALS_CHECK(confirm(
        session,
        {"ends stream " + options.stream + " for ever: nothing can be written to it again",
         options.stream,
         options.is_confirmed}
    ));
    ANNALS_TRY(const auto response, store->tombstone_stream(session.context(), request));
    return show(session, response, "tombstoned " + options.stream);
}

Result<ExitCode> truncate(Session& session, const TruncateOptions& options) {
    api::TruncateStreamRequest request;
    request.stream = options.stream;
    request.before = Revision(options.before);
    ANNALS_TRY(const auto expected, parse_expected(options.expected));
    request.expected = expected.value_or(model::ExpectedRevision::any());
    ANNALS_TRY(api::EventStore * store, session.store());
    if (options.is_dry_run) {
        ANNALS_TRY(
            const api::StreamInfo info, store->get_stream(session.context(), options.stream)
        );
        const std::uint64_t first = info.first_revision.value;
        const std::uint64_t hidden = options.before > first
                                         ? std::min(options.before - first, info.events)
                                         : 0;
        session.terminal().out << "would hide " << hidden << " of " << info.events << " events of "
                               << info.name << '\n';
        return ExitCode::kOk;
    }
    ANNALS_TRY(const auto response, store->truncate_stream(session.context(), request));
    return show(
        session,
        response,
        options.stream + " begins at revision " + std::to_string(options.before) + " now"
    );
}

void declare_end(CLI::App& command, EndOptions& options) {
    command.add_option("stream", options.stream, "the stream")->required();
    command.add_option(
        "--expect", options.expected, "any, none, exists, deleted or the last revision"
    );
    command.add_option("--idempotency-key", options.idempotency_key, "makes repeating harmless");
    command.add_flag("--dry-run", options.is_dry_run, "say what would be hidden, change nothing");
}

}  // namespace

void add_stream_delete(Program& program, CLI::App& group) {
    CLI::App& deleting = program.command(
        group,
        "delete",
        "delete a stream; its name can be used again",
        "annals stream delete order-1001 --expect 4"
    );
    auto end = std::make_shared<EndOptions>();
    declare_end(deleting, *end);
    program.on(deleting, [end](Session& session) { return remove(session, *end); });

    CLI::App& ending = program.command(
        group,
        "tombstone",
        "end a stream for ever; its name is never used again",
        "annals stream tombstone order-1001 --dry-run"
    );
    auto for_ever = std::make_shared<EndOptions>();
    declare_end(ending, *for_ever);
    ending.add_flag("--yes", for_ever->is_confirmed, "do not ask");
    program.on(ending, [for_ever](Session& session) { return tombstone(session, *for_ever); });

    CLI::App& truncating = program.command(
        group,
        "truncate",
        "hide the events before a revision",
        "annals stream truncate order-1001 --before 3"
    );
    auto options = std::make_shared<TruncateOptions>();
    truncating.add_option("stream", options->stream, "the stream")->required();
    truncating.add_option("--before", options->before, "first revision that stays")->required();
    truncating.add_option(
        "--expect", options->expected, "any, exists or the last revision of the stream"
    );
    truncating.add_flag(
        "--dry-run", options->is_dry_run, "say what would be hidden, change nothing"
    );
    program.on(truncating, [options](Session& session) { return truncate(session, *options); });
}

}  // namespace annals::cli
