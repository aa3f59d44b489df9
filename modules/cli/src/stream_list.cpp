// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "listing.hpp"
#include "program.hpp"

namespace annals::cli {
namespace {

const std::vector<Column> kColumns{
    {"STREAM", "name"}, {"EVENTS", "events", true}, {"LAST CHANGE", "last_time"}
};

Result<ExitCode> list(Session& session, const ListOptions& options) {
    return show_listing(
        session,
        options,
        kColumns,
        [&](api::EventStore& store,
            const api::ListRequest& request) -> Result<std::vector<api::StreamSummary>> {
            ANNALS_TRY(auto page, store.list_streams(session.context(), request));
            return std::move(page.streams);
        }
    );
}

Result<ExitCode> info(Session& session, const std::string& stream) {
    ANNALS_TRY(api::EventStore * store, session.store());
    ANNALS_TRY(const api::StreamInfo info, store->get_stream(session.context(), stream));
    Json json;
    json["stream"] = info.name;
    json["events"] = info.events;
    json["first_revision"] = info.first_revision.value;
    json["last_revision"] = info.last_revision.value;
    json["last_position"] = info.last_position.value;
    json["first_time"] = time_text(info.first_time);
    json["last_time"] = time_text(info.last_time);
    if (info.is_deleted) json["is_deleted"] = true;
    session.printer().object(json);
    return ExitCode::kOk;
}

}  // namespace

void add_stream_list(Program& program, CLI::App& group) {
    CLI::App& command = program.command(
        group, "list", "list streams with counts and last change", "annals stream list order-10"
    );
    auto options = std::make_shared<ListOptions>();
    declare_listing(command, *options);
    program.on(command, [options](Session& session) { return list(session, *options); });

    CLI::App& details = program.command(
        group, "info", "tell about one stream", "annals stream info order-1001"
    );
    auto stream = std::make_shared<std::string>();
    details.add_option("stream", *stream, "the stream")->required();
    program.on(details, [stream](Session& session) { return info(session, *stream); });
}

}  // namespace annals::cli
