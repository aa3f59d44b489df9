// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "group_answers.hpp"

#include <stdexcept>
#include <utility>

#include "annals/api/group_numbers.hpp"
#include "annals/json_events/group_json.hpp"
#include "annals/json_events/parsed_page.hpp"

#include "answers.hpp"
#include "json_answer.hpp"

namespace annals::http_client {
namespace {

using nlohmann::json;
using Texts = std::vector<std::string>;

std::string text_in(const json& object, const char* name) { return object.at(name); }

/// A word of an enumeration, by its parser.
template <typename Parse>
auto word_in(const json& object, const char* name, Parse parse) {
    const std::string text = text_in(object, name);
    const auto known = parse(text);
    if (!known) throw std::runtime_error(std::string(name) + " is \"" + text + "\"");
    return *known;
}

TimeNs time_in(const json& object, const char* name) {
    if (!object.contains(name)) return {};
    const std::string text = text_in(object, name);
    const auto time = json_events::parse_time(text, name);
    if (!time) throw std::runtime_error(time.error().to_string());
    return json_events::time_bound(time->at);
}

model::Filter filter_of(const json& object) {
    model::Filter filter;
    filter.categories = object.value("categories", Texts());
    filter.types = object.value("types", Texts());
    filter.tags = object.value("tags", Texts());
    filter.stream_prefixes = object.value("prefixes", Texts());
    filter.stream_pattern = object.value("match", "");
    filter.type_pattern = object.value("match_type", "");
    filter.include_system = object.value("include_system", false);
    filter.recorded_since = time_in(object, "since");
    filter.recorded_until = time_in(object, "until");
    return filter;
}

api::GroupSettings settings_of(const json& object) {
    api::GroupSettings settings;
    settings.stream = object.value("stream", "");
    if (object.contains("filter")) settings.filter = filter_of(object.at("filter"));
    const json& from = object.at("from");
    const auto start = json_events::parse_place(nlohmann::ordered_json(from));
    if (!start) throw std::runtime_error("from is " + from.dump());
    settings.start = *start;
    settings.strategy = word_in(object, "strategy", api::parse_group_strategy);
    settings.key = word_in(object, "key", api::parse_group_key);
    for (const api::GroupNumber& number : api::kGroupNumbers) {
        settings.*number.member = object.at(number.name);
    }
    return settings;
}

api::GroupMemberInfo member_of(const json& object) {
    api::GroupMemberInfo member;
    member.id = object.at("id");
    member.name = text_in(object, "name");
    member.in_flight = object.at("in_flight");
    member.in_flight_max = object.at("in_flight_max");
    member.joined_time = time_in(object, "joined_time");
    member.last_seen_time = time_in(object, "last_seen_time");
    member.is_silent = object.at("is_silent");
    return member;
}

api::GroupStatus status_of(const json& object) {
    api::GroupStatus status;
    status.group = text_in(object, "group");
    status.settings = settings_of(object.at("settings"));
    status.state = word_in(object, "state", api::parse_group_state);
    status.generation = object.at("generation");
    status.revision = number_in<Revision>(object, "revision");
    for (const json& member : object.at("members")) status.members.push_back(member_of(member));
    status.checkpoint = number_in<Position>(object, "checkpoint");
    status.position = object.value("position", "");
    status.read_up_to = number_in<Position>(object, "read_up_to");
    status.in_flight = object.at("in_flight");
    status.waiting = object.at("waiting");
    status.behind = object.at("behind");
    status.is_behind_exact = object.at("is_behind_exact");
    status.seconds_behind = object.at("seconds_behind");
    status.events_per_second = object.at("events_per_second");
    if (object.contains("seconds_to_catch_up")) {
        status.seconds_to_catch_up = object.at("seconds_to_catch_up").get<double>();
    }
    status.handled = object.at("handled");
    status.redelivered = object.at("redelivered");
    status.parked_keys = object.at("parked_keys");
    status.parked_events = object.at("parked_events");
    status.oldest_parked_seconds = object.at("oldest_parked_seconds");
    status.stalled_for_seconds = object.at("stalled_for_seconds");
    status.waits_for = text_in(object, "waits_for");
    if (object.contains("last_error")) {
        status.last_error = text_in(object, "last_error");
        status.last_error_time = time_in(object, "last_error_time");
    }
    status.created_time = time_in(object, "created_time");
    status.changed_time = time_in(object, "changed_time");
    return status;
}

api::GroupHistoryEntry entry_of(const json& object, api::GroupDeed deed) {
    api::GroupHistoryEntry entry;
    entry.deed = deed;
    entry.time = time_in(object, "time");
    entry.actor = object.value("actor", "");
    entry.reason = object.value("reason", "");
    entry.generation = object.value("generation", std::uint64_t{0});
    entry.begins_after = Position(object.value("begins_after", std::uint64_t{0}));
    if (object.contains("settings")) entry.settings = settings_of(object.at("settings"));
    entry.differs = object.value("differs", Texts());
    entry.key = object.value("key", "");
    for (const std::uint64_t at : object.value("positions", std::vector<std::uint64_t>())) {
        entry.positions.emplace_back(at);
    }
    entry.events = object.value("events", std::uint64_t{0});
    entry.attempts = object.value("attempts", std::uint32_t{0});
    entry.error = object.value("error", "");
    entry.member = object.value("member", "");
    return entry;
}

api::ParkedEvent parked_of(const json& object) {
    api::ParkedEvent parked;
    parked.at = number_in<Position>(object, "position");
    parked.key = text_in(object, "key");
    parked.queued = object.at("queued");
    parked.attempts = object.at("attempts");
    parked.error = text_in(object, "error");
    parked.member = object.value("member", "");
    parked.parked_time = time_in(object, "parked_time");
    parked.is_edited = object.at("is_edited");
    return parked;
}

}  // namespace

Result<api::GroupStatus> group_status_of(const std::string& body) {
    return read_object(body, status_of);
}

Result<api::GroupList> group_list_of(const std::string& body) {
    return read_object(body, [](const json& object) {
        api::GroupList list;
        for (const json& one : object.at("groups")) list.groups.push_back(status_of(one));
        list.next = object.value("next", "");
        return list;
    });
}

Result<api::GroupHistory> group_history_of(const std::string& body) {
    return read_object(body, [](const json& object) {
        api::GroupHistory history;
        for (const json& one : object.at("entries")) {
            const auto deed = api::parse_group_deed(text_in(one, "deed"));
            if (deed) history.entries.push_back(entry_of(one, *deed));
        }
        history.next = object.value("next", "");
        return history;
    });
}

Result<api::ParkedList> parked_list_of(const std::string& body) {
    return read_object(body, [](const json& object) {
        api::ParkedList list;
        for (const json& one : object.at("parked")) list.parked.push_back(parked_of(one));
        list.has_more = object.at("has_more");
        return list;
    });
}

Result<api::ParkedDetails> parked_details_of(const std::string& body) {
    ANNALS_TRY(api::ParkedDetails details, read_object(body, [](const json& object) {
                   api::ParkedDetails read;
                   read.parked = parked_of(object.at("parked"));
                   for (const json& at : object.at("queued")) {
                       read.queued.emplace_back(at.get<std::uint64_t>());
                   }
                   return read;
               }));
    ANNALS_TRY(details.event, json_events::parse_member_event(body));
    return details;
}

Result<std::uint64_t> changed_count_of(const std::string& body) {
    return read_object(body, [](const json& object) {
        return object.at("changed").get<std::uint64_t>();
    });
}

Result<std::vector<api::RefusedSettlement>> refused_of(const std::string& body) {
    return read_object(body, [](const json& object) {
        std::vector<api::RefusedSettlement> refused;
        for (const json& one : object.at("refused")) {
            refused.push_back(
                {one.at("delivery").get<std::uint64_t>(), error_of({200, one.at("problem").dump()})}
            );
        }
        return refused;
    });
}

Result<JoinedMember> joined_of(const std::string& body) {
    return read_object(body, [](const json& object) {
        return JoinedMember{
            object.at("member").get<std::uint64_t>(),
            object.at("member_silence_ms").get<std::uint32_t>()
        };
    });
}

}  // namespace annals::http_client
