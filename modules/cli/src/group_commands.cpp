// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <charconv>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "annals/api/consumer_groups.hpp"
#include "annals/base/clock.hpp"
#include "annals/client/group_client.hpp"
#include "annals/model/refusals.hpp"

#include "confirmation.hpp"
#include "connect.hpp"
#include "event_json.hpp"
#include "group_work.hpp"
#include "program.hpp"
#include "selection.hpp"
#include "time_text.hpp"

namespace annals::cli {
namespace {

using Groups = std::unique_ptr<api::ConsumerGroups>;

Result<Groups> connect(Session& session) {
    return client::connect_groups(client_options(session.options));
}

/// What the commands take, each its part.
struct GroupOptions {
    std::string group;
    Selection selection;
    api::GroupSettings settings;
    std::string strategy = "per_key";
    std::string key = "stream";
    std::string place;
    std::string reason;
    std::string actor;
    std::vector<std::uint64_t> positions;
    std::string data;
    std::string content_type;
    std::uint32_t limit = 0;
    bool all = false;
    bool is_confirmed = false;
};
using Options = std::shared_ptr<GroupOptions>;

/// "start", "end", a position, a token, or a time.
Result<api::SubscribeStart> place_of(const std::string& text) {
    if (text.empty() || text == "start") return api::SubscribeStart{};
    if (text == "end") return api::SubscribeStart{api::FromEnd{}};
    std::uint64_t number = 0;
    const char* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, number);
    if (error == std::errc() && end == last) {
        return api::SubscribeStart{api::FromPosition{Position(number)}};
    }
    if (text.starts_with("time:")) {
        ANNALS_TRY(const TimeNs time, parse_time(text.substr(5), system_clock()));
        return api::SubscribeStart{api::FromTime{time}};
    }
    return api::SubscribeStart{api::AfterToken{text}};
}

Json number_of(double value) {
    return Json(static_cast<double>(static_cast<std::int64_t>(value * 1'000)) / 1'000);
}

Json group_to_json(const api::GroupStatus& status) {
    Json json;
    json["group"] = status.group;
    json["state"] = api::to_string(status.state);
    json["strategy"] = api::to_string(status.settings.strategy);
    json["key"] = api::to_string(status.settings.key);
    json["members"] = status.members.size();
    json["in_flight"] = status.in_flight;
    json["checkpoint"] = status.checkpoint.value;
    json["behind"] = status.behind;
    json["is_behind_exact"] = status.is_behind_exact;
    json["seconds_behind"] = number_of(status.seconds_behind);
    json["events_per_second"] = number_of(status.events_per_second);
    json["seconds_to_catch_up"] = status.seconds_to_catch_up
                                      ? number_of(*status.seconds_to_catch_up)
                                      : Json(nullptr);
    json["parked_keys"] = status.parked_keys;
    json["parked_events"] = status.parked_events;
    json["stalled_for"] = number_of(status.stalled_for_seconds);
    json["waits_for"] = status.waits_for;
    json["last_error"] = status.last_error;
    json["generation"] = status.generation;
    json["handled"] = status.handled;
    json["redelivered"] = status.redelivered;
    json["read_up_to"] = status.read_up_to.value;
    json["changed"] = time_text(status.changed_time);
    json["token"] = status.position;
    return json;
}

Json group_to_long_json(const api::GroupStatus& status) {
    Json json = group_to_json(status);
    Json members = Json::array();
    for (const api::GroupMemberInfo& member : status.members) {
        Json one;
        one["id"] = member.id;
        one["name"] = member.name;
        one["in_flight"] = member.in_flight;
        one["in_flight_max"] = member.in_flight_max;
        one["last_seen"] = time_text(member.last_seen_time);
        one["is_silent"] = member.is_silent;
        members.push_back(std::move(one));
    }
    json["members"] = std::move(members);
    const api::GroupSettings& settings = status.settings;
    json["stream"] = settings.stream;
    json["members_max"] = settings.members_max;
    json["member_in_flight_max"] = settings.member_in_flight_max;
    json["key_in_flight_max"] = settings.key_in_flight_max;
    json["ack_deadline_ms"] = settings.ack_deadline_ms;
    json["attempts_max"] = settings.attempts_max;
    json["retry_base_ms"] = settings.retry_base_ms;
    json["retry_max_ms"] = settings.retry_max_ms;
    json["window_events_max"] = settings.window_events_max;
    json["parked_events_max"] = settings.parked_events_max;
    json["checkpoint_interval_ms"] = settings.checkpoint_interval_ms;
    json["stalled_after_ms"] = settings.stalled_after_ms;
    json["ready_lag_seconds"] = settings.ready_lag_seconds;
    return json;
}

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

Result<ExitCode> show(Session& session, const Result<api::GroupStatus>& status) {
    if (!status) return status.error();
    session.printer().object(group_to_long_json(*status));
    return ExitCode::kOk;
}

Result<api::GroupSettings> settings_of(const GroupOptions& options) {
    api::GroupSettings settings = options.settings;
    settings.stream = options.selection.stream;
    settings.filter = options.selection.filter;
    const auto strategy = api::parse_group_strategy(options.strategy);
    if (!strategy) {
        return model::refused(
            "strategy", options.strategy, "it is per_key, round_robin, dispatch_to_one or pinned"
        );
    }
    const auto key = api::parse_group_key(options.key);
    if (!key) {
        return model::refused(
            "key", options.key, "it is stream, tag:<key>, field:<JSON pointer> or correlation"
        );
    }
    settings.strategy = *strategy;
    settings.key = *key;
    ANNALS_TRY(settings.start, place_of(options.place));
    return settings;
}

Result<ExitCode> create(Session& session, const GroupOptions& options) {
    ANNALS_TRY(const api::GroupSettings settings, settings_of(options));
    ANNALS_TRY(const Groups groups, connect(session));
    return show(
        session, groups->create(session.context(), {options.group, settings, options.actor})
    );
}

/// What is not named stays as it is.
Result<ExitCode> update(Session& session, const GroupOptions& options, const CLI::App& command) {
    ANNALS_TRY(const Groups groups, connect(session));
    ANNALS_TRY(const api::GroupStatus now, groups->get(session.context(), options.group));
    ANNALS_TRY(const api::GroupSettings asked, settings_of(options));
    api::GroupSettings next = now.settings;
    const auto is_named = [&](const char* flag) { return command.count(flag) > 0; };
    if (is_named("--strategy")) next.strategy = asked.strategy;
    if (is_named("--key")) next.key = asked.key;
    if (is_named("--from")) next.start = asked.start;
    if (!asked.stream.empty() || !asked.filter.is_everything()) {
        next.stream = asked.stream;
        next.filter = asked.filter;
    }
    const auto take = [&](const char* flag, std::uint32_t api::GroupSettings::* member) {
        if (is_named(flag)) next.*member = asked.*member;
    };
    take("--members", &api::GroupSettings::members_max);
    take("--in-flight", &api::GroupSettings::member_in_flight_max);
    take("--key-in-flight", &api::GroupSettings::key_in_flight_max);
    take("--ack-deadline-ms", &api::GroupSettings::ack_deadline_ms);
    take("--attempts", &api::GroupSettings::attempts_max);
    take("--retry-base-ms", &api::GroupSettings::retry_base_ms);
    take("--retry-max-ms", &api::GroupSettings::retry_max_ms);
    take("--window", &api::GroupSettings::window_events_max);
    take("--parked-max", &api::GroupSettings::parked_events_max);
    take("--checkpoint-ms", &api::GroupSettings::checkpoint_interval_ms);
    take("--stalled-after-ms", &api::GroupSettings::stalled_after_ms);
    take("--ready-lag-seconds", &api::GroupSettings::ready_lag_seconds);
    return show(
        session,
        groups->update(session.context(), {options.group, next, options.reason, options.actor})
    );
}

Result<ExitCode> list(Session& session, const GroupOptions& options) {
    ANNALS_TRY(const Groups groups, connect(session));
    api::ListGroupsRequest request;
    request.prefix = options.group;
    std::vector<Json> records;
    do {
        ANNALS_TRY(const api::GroupList page, groups->list(session.context(), request));
        for (const api::GroupStatus& status : page.groups) records.push_back(group_to_json(status));
        request.after = page.next;
    } while (!request.after.empty());
    session.printer().list(
        {{"GROUP", "group"},
         {"STATE", "state"},
         {"MEMBERS", "members", true},
         {"CHECKPOINT", "checkpoint", true},
         {"BEHIND", "behind", true},
         {"SECONDS", "seconds_behind", true},
         {"PARKED", "parked_events", true},
         {"WAITS FOR", "waits_for"}},
        records
    );
    return ExitCode::kOk;
}

Result<ExitCode> get(Session& session, const GroupOptions& options) {
    ANNALS_TRY(const Groups groups, connect(session));
    return show(session, groups->get(session.context(), options.group));
}

Result<ExitCode> lag(Session& session, const GroupOptions& options) {
    ANNALS_TRY(const Groups groups, connect(session));
    ANNALS_TRY(const api::GroupStatus status, groups->get(session.context(), options.group));
    Json all = group_to_json(status);
    Json json;
    for (const char* name :
         {"group",
          "behind",
          "is_behind_exact",
          "seconds_behind",
          "events_per_second",
          "seconds_to_catch_up",
          "parked_events",
          "stalled_for",
          "waits_for"}) {
        json[name] = all[name];
    }
    session.printer().object(json);
    return ExitCode::kOk;
}

Result<ExitCode> control(Session& session, const GroupOptions& options, api::GroupCommand command) {
    api::ControlGroupRequest request;
    request.group = options.group;
    request.command = command;
    request.reason = options.reason;
    request.actor = options.actor;
    ANNALS_TRY(request.to, place_of(options.place));
    ANNALS_TRY(const Groups groups, connect(session));
    const bool is_destructive = command == api::GroupCommand::kReset ||
                                command == api::GroupCommand::kDelete;
    if (is_destructive) {
        const std::string what = command == api::GroupCommand::kReset
                                     ? "forgets the progress and the parked events of group "
                                     : "deletes the progress and the parked events of group ";
        ANNALS_CHECK(
            confirm(session, {what + cell_text(options.group), options.group, options.is_confirmed})
        );
    }
    return show(session, groups->control(session.context(), request));
}

// ---- parked events ----

Result<ExitCode> list_parked(Session& session, const GroupOptions& options) {
    ANNALS_TRY(const Groups groups, connect(session));
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
    ANNALS_TRY(const Groups groups, connect(session));
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
    ANNALS_TRY(const Groups groups, connect(session));
    api::ChangeParkedRequest request;
    request.group = options.group;
    request.action = action;
    for (const std::uint64_t at : options.positions) request.positions.emplace_back(at);
    request.all = options.all;
    request.limit = options.limit;
    request.reason = options.reason;
    request.actor = options.actor;
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
    ANNALS_TRY(const Groups groups, connect(session));
    api::EditParkedRequest request;
    request.group = options.group;
    request.at = Position(options.positions.front());
    request.data = options.data;
    request.content_type = options.content_type;
    request.reason = options.reason;
    request.actor = options.actor;
    ANNALS_CHECK(groups->edit_parked(session.context(), request));
    session.remark("edited; annals group parked retry gives it out");
    return ExitCode::kOk;
}

// ---- what they take ----

Options declare(CLI::App& command) {
    auto options = std::make_shared<GroupOptions>();
    command.add_option("group", options->group, "its name")->required();
    return options;
}

void declare_settings(CLI::App& command, GroupOptions& options) {
    declare_selection(command, options.selection, StreamName::kOption);
    api::GroupSettings& settings = options.settings;
    command
        .add_option("--strategy", options.strategy, "per_key, round_robin, dispatch_to_one, pinned")
        ->capture_default_str();
    command
        .add_option("--key", options.key, "stream, tag:<key>, field:<JSON pointer>, correlation")
        ->capture_default_str();
    command.add_option("--from", options.place, "start, end, a position, a token, time:<RFC 3339>");
    const auto number = [&](const char* flag, std::uint32_t& value, const char* what) {
        command.add_option(flag, value, what)->capture_default_str();
    };
    number("--members", settings.members_max, "members at most");
    number("--in-flight", settings.member_in_flight_max, "unsettled deliveries of a member");
    number("--key-in-flight", settings.key_in_flight_max, "of a key; 1: strict order");
    number("--ack-deadline-ms", settings.ack_deadline_ms, "to settle a delivery");
    number("--attempts", settings.attempts_max, "deliveries before an event is parked");
    number("--retry-base-ms", settings.retry_base_ms, "before the first retry; doubles");
    number("--retry-max-ms", settings.retry_max_ms, "between retries at most");
    number("--window", settings.window_events_max, "events read and not below the checkpoint");
    number("--parked-max", settings.parked_events_max, "parked and queued events");
    number("--checkpoint-ms", settings.checkpoint_interval_ms, "between checkpoints");
    number("--stalled-after-ms", settings.stalled_after_ms, "work and no progress is a stall");
    number("--ready-lag-seconds", settings.ready_lag_seconds, "readiness fails beyond; 0: never");
}

void declare_why(CLI::App& command, GroupOptions& options, bool is_required) {
    CLI::Option* const reason = command.add_option("--reason", options.reason, "why; kept");
    if (is_required) reason->required();
    command.add_option("--actor", options.actor, "who");
}

void add_definition(Program& program, CLI::App& parent) {
    CLI::App& creating = program.command(
        parent,
        "create",
        "create a consumer group",
        "annals group create billing --category order --key tag:customer"
    );
    const Options created = declare(creating);
    declare_settings(creating, *created);
    creating.add_option("--actor", created->actor, "who");
    program.on(creating, [created](Session& session) { return create(session, *created); });

    CLI::App& updating = program.command(
        parent,
        "update",
        "change settings; what is not named stays",
        "annals group update billing --attempts 5 --reason 'fails fast now'"
    );
    const Options updated = declare(updating);
    declare_settings(updating, *updated);
    declare_why(updating, *updated, false);
    program.on(updating, [updated, &updating](Session& session) {
        return update(session, *updated, updating);
    });
}

void add_reading(Program& program, CLI::App& parent) {
    CLI::App& listing = program.command(
        parent, "list", "list groups and how far each is behind", "annals group list"
    );
    const auto listed = std::make_shared<GroupOptions>();
    listing.add_option("prefix", listed->group, "names that begin so");
    program.on(listing, [listed](Session& session) { return list(session, *listed); });
    CLI::App& showing = program.command(
        parent, "show", "show a group, its members and settings", "annals group show billing"
    );
    const Options shown = declare(showing);
    program.on(showing, [shown](Session& session) { return get(session, *shown); });
    CLI::App& lagging = program.command(
        parent, "lag", "how far a group is behind, and why", "annals group lag billing"
    );
    const Options late = declare(lagging);
    program.on(lagging, [late](Session& session) { return lag(session, *late); });
}

void add_control(Program& program, CLI::App& parent) {
    const auto add =
        [&](const char* name, const char* what, const char* example, api::GroupCommand command
        ) -> std::pair<CLI::App*, Options> {
        CLI::App& added = program.command(parent, name, what, example);
        const Options options = declare(added);
        const bool is_light = command == api::GroupCommand::kPause ||
                              command == api::GroupCommand::kResume;
        declare_why(added, *options, !is_light);
        program.on(added, [options, command](Session& session) {
            return control(session, *options, command);
        });
        return {&added, options};
    };
    add("pause", "give out nothing new", "annals group pause billing", api::GroupCommand::kPause);
    add("resume", "go on", "annals group resume billing", api::GroupCommand::kResume);
    const auto [resetting, reset] = add(
        "reset",
        "back to where its settings begin; forgets what is parked",
        "annals group reset billing --reason 'totals were wrong'",
        api::GroupCommand::kReset
    );
    resetting->add_flag("--yes", reset->is_confirmed, "do not ask");
    const auto [rewinding, rewound] = add(
        "rewind",
        "to another place, back or forth; what is parked stays",
        "annals group rewind billing --to 17 --reason 'a bug'",
        api::GroupCommand::kRewind
    );
    rewinding
        ->add_option("--to", rewound->place, "start, end, a position, a token, time:<RFC 3339>")
        ->required();
    const auto [deleting, deleted] = add(
        "delete",
        "delete a group",
        "annals group delete billing --reason 'not used'",
        api::GroupCommand::kDelete
    );
    deleting->add_flag("--yes", deleted->is_confirmed, "do not ask");
}

void add_parked(Program& program, CLI::App& parent) {
    CLI::App& parked = *parent.add_subcommand("parked", "events that failed, and their keys");
    parked.require_subcommand(1);
    CLI::App& listing = program.command(
        parked, "list", "list parked events", "annals group parked list billing"
    );
    const Options listed = declare(listing);
    program.on(listing, [listed](Session& session) { return list_parked(session, *listed); });
    CLI::App& showing = program.command(
        parked, "show", "show a parked event and what waits", "annals group parked show billing 17"
    );
    const Options shown = declare(showing);
    showing.add_option("position", shown->positions, "its position")->required()->expected(1);
    program.on(showing, [shown](Session& session) { return show_parked(session, *shown); });
    const auto add =
        [&](const char* name, const char* what, const char* example, api::ParkedAction action) {
            CLI::App& added = program.command(parked, name, what, example);
            const Options options = declare(added);
            added.add_option("positions", options->positions, "of parked events");
            added.add_flag("--all", options->all, "all of them");
            added.add_option("--limit", options->limit, "of --all, the first so many");
            declare_why(added, *options, action != api::ParkedAction::kRetry);
            if (action == api::ParkedAction::kPurge) {
                added.add_flag("--yes", options->is_confirmed, "do not ask");
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
    const Options edited = declare(editing);
    editing.add_option("position", edited->positions, "its position")->required()->expected(1);
    editing.add_option("--data", edited->data, "in place of the event's")->required();
    editing.add_option("--content-type", edited->content_type, "of it; else as it was");
    declare_why(editing, *edited, true);
    program.on(editing, [edited](Session& session) { return edit_parked(session, *edited); });
}

}  // namespace

void add_group_commands(Program& program) {
    CLI::App& group = program.group("group", "consumer groups: members share a subscription");
    add_definition(program, group);
    add_reading(program, group);
    add_group_work(program, group);
    add_control(program, group);
    add_parked(program, group);
}

}  // namespace annals::cli
