// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "group_parked.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "annals/model/refusals.hpp"

#include "confirmation.hpp"
#include "event_json.hpp"
#include "group_dry_run.hpp"
#include "group_options.hpp"
#include "program.hpp"
#include "time_text.hpp"

namespace annals::cli {
namespace {

Json parked_to_json(const api::ParkedEvent& parked) {
    Json json;
    json["position"] = parked.at.value;
    json["key"] = parked.key;
    json["queued"] = parked.queued;
    json["attempts"] = parked.attempts;
    json["parked"] = time_text(parked.parked_time);
    json["member"] = parked.member;
    json["error"] = parked.error;
    json["is_edited"] = parked.is_edited;
    return json;
}

Result<ExitCode> list_parked(Session& session, const GroupOptions& options) {
    ANNALS_TRY(const Groups groups, connect_groups(session));
    api::ListParkedRequest request;
    request.group = options.group;
    std::vector<Json> records;
    bool has_more = true;
    while (has_more) {
        ANNALS_TRY(const api::ParkedList page, groups->list_parked(session.context(), request));
        for (const api::ParkedEvent& parked : page.parked) {
            records.push_back(parked_to_json(parked));
            request.after = parked.at;
        }
        has_more = page.has_more;
    }
    session.printer().list(
        {{"POSITION", "position", true},
         {"KEY", "key"},
         {"QUEUED", "queued", true},
         {"ATTEMPTS", "attempts", true},
         {"PARKED", "parked"},
         {"ERROR", "error"}},
        records
    );
    return ExitCode::kOk;
}

Result<ExitCode> show_parked(Session& session, const GroupOptions& options) {
    ANNALS_TRY(const Groups groups, connect_groups(session));
    ANNALS_TRY(
        const api::ParkedDetails details,
        groups->get_parked(session.context(), options.group, Position(options.positions.front()))
    );
    Json json = parked_to_json(details.parked);
    ANNALS_TRY(const auto events, details.event.decode());
    if (!events.empty()) json["event"] = event_to_json(events.front());
    Json queued = Json::array();
    for (const Position at : details.queued) queued.push_back(at.value);
    json["queued_positions"] = std::move(queued);
    session.printer().object(json);
    return ExitCode::kOk;
}

Result<ExitCode> change_parked(
    Session& session, const GroupOptions& options, api::ParkedAction action
) {
    ANNALS_TRY(const Groups groups, connect_groups(session));
    api::ChangeParkedRequest request;
    request.group = options.group;
    request.action = action;
    for (const std::uint64_t at : options.positions) request.positions.emplace_back(at);
    request.all = options.all;
    request.limit = options.limit;
    request.reason = options.reason;
    request.actor = options.actor;
    if (!request.all && request.positions.empty()) {
        return model::refused("positions", "", "name those of parked events, or give --all");
    }
    if (request.all && !request.positions.empty()) {
        const std::string first = std::to_string(request.positions.front().value);
        return model::refused("positions", first, "leave them out beside --all");
    }
    if (options.is_dry_run) {
        return preview_purge(session, *groups, request);
    }
    if (action == api::ParkedAction::kPurge) {
        ANNALS_CHECK(confirm(
            session,
            {"leaves out parked events of group " + cell_text(options.group) +
                 " and all that waits behind them",
             options.group,
             options.is_confirmed}
        ));
    }
    ANNALS_TRY(const std::uint64_t changed, groups->change_parked(session.context(), request));
    Json json;
    json["changed"] = changed;
    session.printer().object(json);
    return ExitCode::kOk;
}

Result<ExitCode> edit_parked(Session& session, const GroupOptions& options) {
    ANNALS_TRY(const Groups groups, connect_groups(session));
    api::EditParkedRequest request;
    request.group = options.group;
    request.at = Position(options.positions.front());
    request.data = options.data;
    request.content_type = options.content_type;
    request.metadata = options.metadata;
    request.reason = options.reason;
    request.actor = options.actor;
    ANNALS_CHECK(groups->edit_parked(session.context(), request));
    session.remark("edited; annals group parked retry gives it out");
    return ExitCode::kOk;
}

}  // namespace

void add_group_parked(Program& program, CLI::App& parent) {
    CLI::App& parked = *parent.add_subcommand("parked", "events that failed, and their keys");
    parked.require_subcommand(1);
    CLI::App& listing = program.command(
        parked, "list", "list parked events", "annals group parked list billing"
    );
    const GroupOptionsPtr listed = declare_group(listing);
    program.on(listing, [listed](Session& session) { return list_parked(session, *listed); });
    CLI::App& showing = program.command(
        parked, "show", "show a parked event and what waits", "annals group parked show billing 17"
    );
    const GroupOptionsPtr shown = declare_group(showing);
    showing.add_option("position", shown->positions, "its position")->required()->expected(1);
    program.on(showing, [shown](Session& session) { return show_parked(session, *shown); });
    const auto add =
        [&](const char* name, const char* what, const char* example, api::ParkedAction action) {
            CLI::App& added = program.command(parked, name, what, example);
            const GroupOptionsPtr options = declare_group(added);
            added.add_option("positions", options->positions, "of parked events");
            added.add_flag("--all", options->all, "all of them");
            added.add_option("--limit", options->limit, "of --all, the first so many");
            declare_why(added, *options, action != api::ParkedAction::kRetry);
            if (action == api::ParkedAction::kPurge) {
                added.add_flag("--yes", options->is_confirmed, "do not ask");
                declare_dry_run(added, *options);
            }
            program.on(added, [options, action](Session& session) {
                return change_parked(session, *options, action);
            });
        };
    add("retry",
        "give them out again, then what waits behind",
        "annals group parked retry billing --all",
        api::ParkedAction::kRetry);
    add("skip",
        "leave them out, go on behind them",
        "annals group parked skip billing 17 --reason 'a test order'",
        api::ParkedAction::kSkip);
    add("purge",
        "leave them out and all that waits behind",
        "annals group parked purge billing --all --reason 'test data'",
        api::ParkedAction::kPurge);
    CLI::App& editing = program.command(
        parked,
        "edit",
        "deliver other data in its place; the log stays",
        "annals group parked edit billing 17 --data '{\"amount\":3}' --reason 'a typing error'"
    );
    const GroupOptionsPtr edited = declare_group(editing);
    editing.add_option("position", edited->positions, "its position")->required()->expected(1);
    editing.add_option("--data", edited->data, "in place of the event's")->required();
    editing.add_option("--content-type", edited->content_type, "of it; else as it was");
    editing.add_option("--metadata", edited->metadata, "in place of the event's; else as they are");
    declare_why(editing, *edited, true);
    program.on(editing, [edited](Session& session) { return edit_parked(session, *edited); });
}

}  // namespace annals::cli
