// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "group_json.hpp"

#include <limits>
#include <optional>
#include <utility>

#include "annals/api/group_numbers.hpp"
#include "annals/json_events/group_json.hpp"
#include "annals/json_events/time_text.hpp"
#include "annals/model/refusals.hpp"
#include "annals/model/token.hpp"

#include "message.hpp"
#include "parameters.hpp"
#include "sent_names.hpp"

namespace annals::http_door::detail {
namespace {

using Json = nlohmann::ordered_json;

std::string shown(const Json& value) {
    return value.is_null() ? "" : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<TimeNs> time_in(JsonBody& body, const std::string& name) {
    ANNALS_TRY(const std::string text, body.text(name));
    if (text.empty()) return TimeNs();
    ANNALS_TRY(const auto parsed, json_events::parse_time(text, body.path_of(name)));
    return json_events::time_bound(parsed.at);
}

Result<model::Filter> filter_in(JsonBody& body) {
    Json value = body.take("filter");
    model::Filter filter;
    if (value.is_null()) return filter;
    ANNALS_TRY(JsonBody part, JsonBody::of(std::move(value), body.path_of("filter")));
    ANNALS_TRY(filter.categories, part.texts("categories"));
    ANNALS_TRY(filter.types, part.texts("types"));
    ANNALS_TRY(filter.tags, part.texts("tags"));
    ANNALS_TRY(filter.stream_prefixes, part.texts("prefixes"));
    ANNALS_TRY(filter.stream_pattern, part.text("match"));
    ANNALS_TRY(filter.type_pattern, part.text("match_type"));
    ANNALS_TRY(filter.include_system, part.boolean("include_system"));
    ANNALS_TRY(filter.recorded_since, time_in(part, "since"));
    ANNALS_TRY(filter.recorded_until, time_in(part, "until"));
    ANNALS_CHECK(part.end());
    return filter;
}

Result<api::Settlement> settlement_of(Json json, std::string path) {
    ANNALS_TRY(JsonBody part, JsonBody::of(std::move(json), std::move(path)));
    api::Settlement one;
    ANNALS_TRY(one.delivery, part.number("delivery"));
    ANNALS_TRY(const std::string word, part.text("what"));
    const auto what = api::parse_settling(word);
    if (!what) {
        return bad_parameter(part.path_of("what"), word, "ack, retry, park, skip, stop or extend");
    }
    one.what = *what;
    ANNALS_TRY(one.reason, part.text("reason"));
    if (const Json delay = part.take("delay_ms"); !delay.is_null()) {
        if (!delay.is_number_unsigned() || delay.get<std::uint64_t>() > kUint32Max) {
            return bad_parameter(part.path_of("delay_ms"), shown(delay), "milliseconds");
        }
        one.delay_ms = delay.get<std::uint32_t>();
    }
    ANNALS_CHECK(part.end());
    return one;
}

Json to_json(const api::GroupMemberInfo& member) {
    Json json;
    json["id"] = member.id;
    json["name"] = member.name;
    json["in_flight"] = member.in_flight;
    json["in_flight_max"] = member.in_flight_max;
    json["joined_time"] = json_events::time_text(member.joined_time);
    json["last_seen_time"] = json_events::time_text(member.last_seen_time);
    json["is_silent"] = member.is_silent;
    return json;
}

}  // namespace

Result<api::SubscribeStart> place_in(JsonBody& body, const std::string& name) {
    const Json value = body.take(name);
    if (value.is_null()) return api::SubscribeStart();
    auto place = json_events::parse_place(value);
    const auto* const token = place ? std::get_if<api::AfterToken>(&*place) : nullptr;
    if (place && (token == nullptr || model::parse_token(token->token))) return std::move(*place);
    return bad_parameter(
        body.path_of(name),
        value.is_string() ? value.get<std::string>() : shown(value),
        R"("start", "end", a position (17, a number), a time ("2026-01-31T12:00:00Z") or )"
        "the token of an answer"
    );
}

Result<api::GroupSettings> group_settings_in(JsonBody& body) {
    api::GroupSettings settings;
    ANNALS_TRY(settings.stream, body.text("stream"));
    ANNALS_TRY(settings.filter, filter_in(body));
    ANNALS_TRY(settings.start, place_in(body, "from"));
    ANNALS_TRY(const std::string strategy, body.text("strategy"));
    if (!strategy.empty()) {
        const auto known = api::parse_group_strategy(strategy);
        if (!known) {
            return bad_parameter(
                body.path_of("strategy"),
                strategy,
                "per_key, round_robin, dispatch_to_one or pinned"
            );
        }
        settings.strategy = *known;
    }
    ANNALS_TRY(const std::string key, body.text("key"));
    if (!key.empty()) {
        const auto known = api::parse_group_key(key);
        if (!known) {
            return bad_parameter(
                body.path_of("key"), key, "stream, tag:<key>, field:<JSON pointer> or correlation"
            );
        }
        settings.key = *known;
    }
    for (const api::GroupNumber& number : api::kGroupNumbers) {
        ANNALS_TRY(const std::uint64_t value, body.number(number.name, kUint32Max));
        settings.*number.member = static_cast<std::uint32_t>(value);
    }
    return settings;
}

Result<std::vector<api::Settlement>> settlements_in(JsonBody& body) {
    std::vector<api::Settlement> settled;
    ANNALS_TRY(const std::vector<std::uint64_t> acks, body.numbers("acks"));
    settled.reserve(acks.size());
    for (const std::uint64_t delivery : acks) settled.push_back({delivery});
    Json others = body.take("settle");
    if (!others.is_null() && !others.is_array()) {
        return bad_parameter("settle", shown(others), R"([{"delivery": 1, "what": "retry"}])");
    }
    const std::size_t count = acks.size() + others.size();
    if (count > api::kGroupSettlementsMax) {
        return model::too_large("settle", count, api::kGroupSettlementsMax, "settlements");
    }
    for (std::size_t i = 0; i < others.size(); ++i) {
        std::string path = "settle[" + std::to_string(i) + "]";
        ANNALS_TRY(settled.emplace_back(), settlement_of(std::move(others[i]), std::move(path)));
    }
    return settled;
}

Json to_json(const api::GroupStatus& status) {
    Json json;
    json["group"] = status.group;
    json["state"] = api::to_string(status.state);
    json["generation"] = status.generation;
    json["revision"] = status.revision.value;
    json["settings"] = json_events::to_json(status.settings);
    json["members"] = Json::array();
    for (const api::GroupMemberInfo& member : status.members) {
        json["members"].push_back(to_json(member));
    }
    json["checkpoint"] = status.checkpoint.value;
    if (!status.position.empty()) json["position"] = status.position;
    json["read_up_to"] = status.read_up_to.value;
    json["in_flight"] = status.in_flight;
    json["waiting"] = status.waiting;
    json["behind"] = status.behind;
    json["is_behind_exact"] = status.is_behind_exact;
    json["seconds_behind"] = status.seconds_behind;
    json["events_per_second"] = status.events_per_second;
    if (status.seconds_to_catch_up) json["seconds_to_catch_up"] = *status.seconds_to_catch_up;
    json["handled"] = status.handled;
    json["redelivered"] = status.redelivered;
    json["parked_keys"] = status.parked_keys;
    json["parked_events"] = status.parked_events;
    json["oldest_parked_seconds"] = status.oldest_parked_seconds;
    json["stalled_for_seconds"] = status.stalled_for_seconds;
    json["waits_for"] = status.waits_for;
    if (!status.last_error.empty()) {
        json["last_error"] = words_as_said(status.last_error);
        json["last_error_time"] = json_events::time_text(status.last_error_time);
    }
    json["created_time"] = json_events::time_text(status.created_time);
    json["changed_time"] = json_events::time_text(status.changed_time);
    return json;
}

Json to_json(const api::ParkedEvent& parked) {
    Json json;
    json["position"] = parked.at.value;
    json["key"] = parked.key;
    json["queued"] = parked.queued;
    json["attempts"] = parked.attempts;
    json["error"] = parked.error;
    if (!parked.member.empty()) json["member"] = parked.member;
    json["parked_time"] = json_events::time_text(parked.parked_time);
    json["is_edited"] = parked.is_edited;
    return json;
}

Json to_json(const api::GroupHistoryEntry& entry) {
    Json json;
    json["deed"] = api::to_string(entry.deed);
    json["time"] = json_events::time_text(entry.time);
    if (!entry.actor.empty()) json["actor"] = entry.actor;
    if (!entry.reason.empty()) json["reason"] = entry.reason;
    if (entry.generation != 0) {
        json["generation"] = entry.generation;
        json["begins_after"] = entry.begins_after.value;
    }
    if (entry.settings) json["settings"] = json_events::to_json(*entry.settings);
    if (!entry.differs.empty()) json["differs"] = entry.differs;
    if (!entry.key.empty()) json["key"] = entry.key;
    if (entry.events == 0) return json;
    json["positions"] = Json::array();
    for (const Position at : entry.positions) json["positions"].push_back(at.value);
    json["events"] = entry.events;
    if (entry.attempts != 0) json["attempts"] = entry.attempts;
    if (!entry.error.empty()) json["error"] = entry.error;
    if (!entry.member.empty()) json["member"] = entry.member;
    return json;
}

Result<std::string> parked_json(
    const api::ParkedDetails& details, json_events::EventFormat format, std::string_view name_space
) {
    Json json;
    json["parked"] = to_json(details.parked);
    json["queued"] = Json::array();
    for (const Position at : details.queued) json["queued"].push_back(at.value);
    std::string body = text_of(json);
    body.resize(body.size() - 2);  // `}` and the line break: the event follows as it was stored
    ANNALS_CHECK(details.event.for_each([&](const model::RecordedEvent& event) {
        body += ",\"event\":";
        json_events::append_event_as(body, event, format, name_space);
        return ok();
    }));
    body += "}\n";
    return body;
}

Result<std::string> deliveries_json(
    const api::GroupDeliveries& deliveries,
    json_events::EventFormat format,
    std::string_view name_space
) {
    std::string body = "{\"deliveries\":[";
    body.reserve(deliveries.events.bytes().size() * 2 + 256);
    std::size_t i = 0;
    ANNALS_CHECK(deliveries.events.for_each([&](const model::RecordedEvent& event) {
        if (i > 0) body += ',';
        body += "{\"delivery\":" + std::to_string(deliveries.deliveries.at(i));
        body += ",\"attempt\":" + std::to_string(deliveries.attempts.at(i));
        body += ",\"event\":";
        json_events::append_event_as(body, event, format, name_space);
        body += '}';
        ++i;
        return ok();
    }));
    body += "]}\n";
    return body;
}

std::string refused_json(
    const std::vector<api::RefusedSettlement>& refused, std::string_view trace_id
) {
    std::string body = "{\"refused\":[";
    for (const api::RefusedSettlement& one : refused) {
        if (body.back() != '[') body += ',';
        body += "{\"delivery\":" + std::to_string(one.delivery);
        body += ",\"problem\":" + problem_json(one.error, trace_id) + "}";
    }
    body += "]}\n";
    return body;
}

}  // namespace annals::http_door::detail
