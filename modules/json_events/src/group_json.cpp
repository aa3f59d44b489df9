// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/json_events/group_json.hpp"

#include <string>

#include "annals/api/group_numbers.hpp"
#include "annals/json_events/time_text.hpp"

namespace annals::json_events {

using Json = nlohmann::ordered_json;

namespace {

Json to_json(const model::Filter& filter) {
    Json json = Json::object();
    const auto put = [&](const char* name, const auto& value) {
        if (!value.empty()) json[name] = value;
    };
    put("categories", filter.categories);
    put("types", filter.types);
    put("tags", filter.tags);
    put("prefixes", filter.stream_prefixes);
    put("match", filter.stream_pattern);
    put("match_type", filter.type_pattern);
    if (filter.include_system) json["include_system"] = true;
    if (filter.recorded_since.value != 0) json["since"] = time_text(filter.recorded_since);
    if (filter.recorded_until.value != 0) json["until"] = time_text(filter.recorded_until);
    return json;
}

}  // namespace

Json to_json(const api::SubscribeStart& place) {
    if (const auto* token = std::get_if<api::AfterToken>(&place)) return token->token;
    if (const auto* position = std::get_if<api::FromPosition>(&place)) {
        return position->position.value;
    }
    if (const auto* time = std::get_if<api::FromTime>(&place)) {
        return time_text(time->time);
    }
    return std::holds_alternative<api::FromEnd>(place) ? "end" : "start";
}

std::optional<api::SubscribeStart> parse_place(const Json& json) {
    if (json.is_number_unsigned()) {
        return api::FromPosition{Position(json.get<std::uint64_t>())};
    }
    if (!json.is_string()) return std::nullopt;
    const std::string text = json.get<std::string>();
    if (text == "start") return api::SubscribeStart();
    if (text == "end") return api::FromEnd{};
    // No token looks like a time.
    if (const auto time = parse_time(text, "time")) return api::FromTime{time->at};
    return api::AfterToken{text};
}

Json to_json(const api::GroupSettings& settings) {
    Json json;
    if (!settings.stream.empty()) json["stream"] = settings.stream;
    Json filter = to_json(settings.filter);
    if (!filter.empty()) json["filter"] = std::move(filter);
    json["from"] = to_json(settings.start);
    json["strategy"] = api::to_string(settings.strategy);
    json["key"] = api::to_string(settings.key);
    for (const api::GroupNumber& number : api::kGroupNumbers)
        json[number.name] = settings.*number.member;
    return json;
}

}  // namespace annals::json_events
