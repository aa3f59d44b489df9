// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <charconv>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "annals/api/consumer_groups.hpp"
#include "annals/api/group_history.hpp"
#include "annals/base/clock.hpp"
#include "annals/json_events/group_json.hpp"
#include "annals/model/refusals.hpp"
#include "annals/model/token.hpp"

#include "confirmation.hpp"
#include "event_json.hpp"
#include "group_dry_run.hpp"
#include "group_options.hpp"
#include "group_parked.hpp"
#include "group_work.hpp"
#include "history_listing.hpp"
#include "program.hpp"
#include "selection.hpp"
#include "time_text.hpp"

namespace annals::cli {
namespace {

/// "start", "end", a position, a token, or a time.
Result<api::SubscribeStart> place_of(const char* field, const std::string& text) {
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
    if (!model::parse_token(text)) {
        return model::refused(
            field, text, "it is start, end, a position, a token, or time:<RFC 3339>"
        );
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
    json["revision"] = status.revision.value;
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
    json["oldest_parked_seconds"] = number_of(status.oldest_parked_seconds);
    json["created"] = time_text(status.created_time);
    const Json settings = json_events::to_json(status.settings);
    for (const auto& [name, value] : settings.items()) json[name] = value;
    return json;
}

Result<ExitCode> show(Session& session, const Result<api::GroupStatus>& status) {
    if (!status) return status.error();
    session.printer().object(group_to_long_json(*status));
    return ExitCode::kOk;
}

Result<api::GroupSettings> settings_of(const GroupOptions& options) {
    api::GroupSettings settings = options.settings;
    ANNALS_TRY(Selection selection, with_times(options.selection));
    settings.stream = std::move(selection.stream);
    settings.filter = std::move(selection.filter);
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
    ANNALS_TRY(settings.start, place_of("--from", options.place));
    return settings;
}

/// What is wrong with where the group begins is wrong with the flag.
Error with_flag_from(const Error& error) {
    if (error.field("field") != "start") return error;
    std::string_view rest = error.message();
    if (rest.starts_with("start")) rest.remove_prefix(std::string_view("start").size());
    Error named(error.code(), "--from" + std::string(rest));
    for (const ErrorField& one : error.fields()) {
        named = std::move(named).with(one.name, one.name == "field" ? "--from" : one.value);
    }
    return named;
}

Result<ExitCode> create(Session& session, const GroupOptions& options) {
    ANNALS_TRY(const api::GroupSettings settings, settings_of(options));
    ANNALS_TRY(const Groups groups, connect_groups(session));
    const auto created = groups->create(
        session.context(), {options.group, settings, options.actor, options.reason}
    );
    if (!created) return with_flag_from(created.error());
    return show(session, created);
}

/// What is not named stays as it is.
Result<ExitCode> update(Session& session, const GroupOptions& options, const CLI::App& command) {
    ANNALS_TRY(const Groups groups, connect_groups(session));
    ANNALS_TRY(const api::GroupStatus now, groups->get(session.context(), options.group));
    ANNALS_TRY(const api::GroupSettings asked, settings_of(options));
    api::GroupSettings next = now.settings;
    const auto is_named = [&](const char* flag) { return command.count(flag) > 0; };
    if (is_named("--strategy")) next.strategy = asked.strategy;
    if (is_named("--key")) next.key = asked.key;
    if (is_named("--from")) next.start = asked.start;
    if (!asked.stream.empty() || !asked.filter.is_everything() || options.selection.is_all) {
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
    take("--checkpoint-events", &api::GroupSettings::checkpoint_events_max);
    take("--member-silence-ms", &api::GroupSettings::member_silence_ms);
    take("--stalled-after-ms", &api::GroupSettings::stalled_after_ms);
    take("--ready-lag-seconds", &api::GroupSettings::ready_lag_seconds);
    return show(
        session,
        groups->update(
            session.context(),
            // What is not named stays as it was read: nobody may have changed it since.
            {options.group, next, options.reason, options.actor, now.revision}
        )
    );
}

Result<ExitCode> list(Session& session, const GroupOptions& options) {
    ANNALS_TRY(const Groups groups, connect_groups(session));
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
         {"EXACT", "is_behind_exact"},
         {"SECONDS", "seconds_behind", true},
         {"PARKED", "parked_events", true},
         {"WAITS FOR", "waits_for"}},
        records
    );
    return ExitCode::kOk;
}

Result<ExitCode> get(Session& session, const GroupOptions& options) {
    ANNALS_TRY(const Groups groups, connect_groups(session));
    return show(session, groups->get(session.context(), options.group));
}

Result<ExitCode> lag(Session& session, const GroupOptions& options) {
    ANNALS_TRY(const Groups groups, connect_groups(session));
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

/// What an entry says beside who, when and why, for a table.
std::string details_of(const api::GroupHistoryEntry& entry) {
    std::string text;
    const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
    for (const std::string& name : entry.differs) add(name);
    const bool is_beginning = entry.deed == api::GroupDeed::kReset ||
                              entry.deed == api::GroupDeed::kRewound;
    if (is_beginning) add("goes on after " + std::to_string(entry.begins_after.value));
    if (entry.events == 1 && !entry.positions.empty()) {
        add("event " + std::to_string(entry.positions.front().value));
    } else if (entry.events > 1) {
        add(std::to_string(entry.events) + " events");
    }
    if (!entry.key.empty()) add("key " + cell_text(entry.key));
    if (!entry.error.empty()) add(cell_text(entry.error));
    return text;
}

Json entry_to_json(const api::GroupHistoryEntry& entry) {
    Json json;
    json["time"] = time_text(entry.time);
    json["deed"] = api::to_string(entry.deed);
    json["actor"] = entry.actor;
    json["reason"] = entry.reason;
    json["details"] = details_of(entry);
    if (entry.generation != 0) {
        json["generation"] = entry.generation;
        json["begins_after"] = entry.begins_after.value;
    }
    if (entry.settings) json["settings"] = json_events::to_json(*entry.settings);
    if (!entry.differs.empty()) json["differs"] = entry.differs;
    if (entry.events == 0) return json;
    json["key"] = entry.key;
    json["events"] = entry.events;
    json["positions"] = Json::array();
    for (const Position at : entry.positions) json["positions"].push_back(at.value);
    if (entry.attempts != 0) json["attempts"] = entry.attempts;
    if (!entry.error.empty()) json["error"] = entry.error;
    if (!entry.member.empty()) json["member"] = entry.member;
    return json;
}

Result<ExitCode> history(Session& session, const HistoryOptions& options) {
    ANNALS_TRY(const Groups groups, connect_groups(session));
    return show_history(
        session,
        options,
        [&](const HistoryPage& page) {
            return groups->history(
                session.context(), {options.name, page.after, page.limit, options.is_everything}
            );
        },
        entry_to_json,
        {{"TIME", "time"},
         {"DEED", "deed"},
         {"ACTOR", "actor"},
         {"DETAILS", "details"},
         {"REASON", "reason"}}
    );
}

Result<ExitCode> control(Session& session, const GroupOptions& options, api::GroupCommand command) {
    api::ControlGroupRequest request;
    request.group = options.group;
    request.command = command;
    request.reason = options.reason;
    request.actor = options.actor;
    ANNALS_TRY(request.to, place_of("--to", options.place));
    ANNALS_TRY(const Groups groups, connect_groups(session));
    if (options.is_dry_run) return preview_control(session, *groups, request);
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

// ---- what they take ----

/// Of a new group what is not named has the value that the help shows; else it stays as it is.
void declare_settings(CLI::App& command, GroupOptions& options, bool is_new) {
    declare_selection(command, options.selection, StreamName::kOption);
    api::GroupSettings& settings = options.settings;
    const auto usual = [is_new](CLI::Option* option) {
        if (is_new) option->capture_default_str();
        return option;
    };
    usual(command.add_option(
        "--strategy", options.strategy, "per_key, round_robin, dispatch_to_one, pinned"
    ));
    usual(command.add_option(
        "--key", options.key, "stream, tag:<key>, field:<JSON pointer>, correlation"
    ));
    command.add_option("--from", options.place, "start, end, a position, a token, time:<RFC 3339>");
    const auto number = [&](const char* flag, std::uint32_t& value, const char* what) {
        usual(command.add_option(flag, value, what))->check(CLI::PositiveNumber);
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
    number("--checkpoint-events", settings.checkpoint_events_max, "settled before one is due");
    number("--member-silence-ms", settings.member_silence_ms, "until one that fetches is gone");
    number("--stalled-after-ms", settings.stalled_after_ms, "work and no progress is a stall");
    usual(command.add_option(
        "--ready-lag-seconds", settings.ready_lag_seconds, "readiness fails beyond; 0: never"
    ));
}

void add_definition(Program& program, CLI::App& parent) {
    CLI::App& creating = program.command(
        parent,
        "create",
        "create a consumer group",
        "annals group create billing --category order --key tag:customer"
    );
    const GroupOptionsPtr created = declare_group(creating);
    declare_settings(creating, *created, true);
    declare_why(creating, *created, false);
    program.on(creating, [created](Session& session) { return create(session, *created); });

    CLI::App& updating = program.command(
        parent,
        "update",
        "change settings; what is not named stays",
        "annals group update billing --attempts 5 --reason 'fails fast now'"
    );
    const GroupOptionsPtr updated = declare_group(updating);
    declare_settings(updating, *updated, false);
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
    const GroupOptionsPtr shown = declare_group(showing);
    program.on(showing, [shown](Session& session) { return get(session, *shown); });
    CLI::App& lagging = program.command(
        parent, "lag", "how far a group is behind, and why", "annals group lag billing"
    );
    const GroupOptionsPtr late = declare_group(lagging);
    program.on(lagging, [late](Session& session) { return lag(session, *late); });
    CLI::App& telling = program.command(
        parent,
        "history",
        "who changed a group or its parked events, when and why, newest first",
        "annals group history billing"
    );
    const auto told = declare_history(
        telling, "group", "also what the group does by itself: parked, queued, handled"
    );
    program.on(telling, [told](Session& session) { return history(session, *told); });
}

void add_control(Program& program, CLI::App& parent) {
    const auto add =
        [&](const char* name, const char* what, const char* example, api::GroupCommand command
        ) -> std::pair<CLI::App*, GroupOptionsPtr> {
        CLI::App& added = program.command(parent, name, what, example);
        const GroupOptionsPtr options = declare_group(added);
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
    declare_dry_run(*resetting, *reset);
    const auto [rewinding, rewound] = add(
        "rewind",
        "to another place, back or forth; what is parked stays",
        "annals group rewind billing --to 17 --reason 'a bug'",
        api::GroupCommand::kRewind
    );
    rewinding
        ->add_option("--to", rewound->place, "start, end, a position, a token, time:<RFC 3339>")
        ->required();
    declare_dry_run(*rewinding, *rewound);
    const auto [deleting, deleted] = add(
        "delete",
        "delete a group",
        "annals group delete billing --reason 'not used'",
        api::GroupCommand::kDelete
    );
    deleting->add_flag("--yes", deleted->is_confirmed, "do not ask");
    declare_dry_run(*deleting, *deleted);
}

}  // namespace

void add_group_commands(Program& program) {
    CLI::App& group = program.group("group", "consumer groups: members share a subscription");
    add_definition(program, group);
    add_reading(program, group);
    add_group_work(program, group);
    add_control(program, group);
    add_group_parked(program, group);
}

}  // namespace annals::cli
