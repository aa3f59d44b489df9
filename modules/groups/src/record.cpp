// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "record.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "annals/api/group_numbers.hpp"
#include "annals/codec/text.hpp"
#include "annals/model/names.hpp"

namespace annals::groups {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 7> kDefinitionTypes = {
    "$group-created",
    "$group-updated",
    "$group-paused",
    "$group-resumed",
    "$group-reset",
    "$group-rewound",
    "$group-deleted"
};
constexpr std::array<std::string_view, 7> kChangeTypes = {
    "$event-parked",
    "$events-queued",
    "$parked-retried",
    "$parked-skipped",
    "$parked-purged",
    "$parked-edited",
    "$parked-handled"
};
constexpr std::array<std::string_view, 5> kStarts = {"start", "token", "position", "time", "end"};

void put(Json& json, const char* name, const std::string& value) {
    if (!value.empty()) json[name] = value;
}
void put(Json& json, const char* name, std::uint64_t value) {
    if (value != 0) json[name] = value;
}
void put(Json& json, const char* name, bool value) {
    if (value) json[name] = true;
}
void put(Json& json, const char* name, const std::vector<std::string>& values) {
    if (!values.empty()) json[name] = values;
}
void put(Json& json, const char* name, TimeNs value) {
    if (value.value != 0) json[name] = value.value;
}

/// Reads members; remembers whether one had another kind of value.
class Members {
  public:
    explicit Members(const Json& json) : json_(json) {}

    void get(const char* name, std::string& value) {
        read(name, [&](const Json& found) {
            if (!found.is_string()) return false;
            value = found.get<std::string>();
            return true;
        });
    }
    template <typename Number>
        requires std::is_unsigned_v<Number>
    void get(const char* name, Number& value) {
        read(name, [&](const Json& found) {
            if (!found.is_number_unsigned()) return false;
            const auto number = found.get<std::uint64_t>();
            value = static_cast<Number>(number);
            return std::uint64_t{value} == number;
        });
    }
    void get(const char* name, bool& value) {
        read(name, [&](const Json& found) {
            if (!found.is_boolean()) return false;
            value = found.get<bool>();
            return true;
        });
    }
    void get(const char* name, TimeNs& value) {
        read(name, [&](const Json& found) {
            if (!found.is_number_integer()) return false;
            value = TimeNs(found.get<std::int64_t>());
            return true;
        });
    }
    void get(const char* name, std::vector<std::string>& values) {
        read(name, [&](const Json& found) {
            if (!found.is_array()) return false;
            for (const Json& one : found) {
                if (!one.is_string()) return false;
                values.push_back(one.get<std::string>());
            }
            return true;
        });
    }
    void get(const char* name, std::vector<Position>& values) {
        read(name, [&](const Json& found) {
            if (!found.is_array()) return false;
            for (const Json& one : found) {
                if (!one.is_number_unsigned()) return false;
                values.emplace_back(one.get<std::uint64_t>());
            }
            return true;
        });
    }
    void get(const char* name, Uuid& value) {
        read(name, [&](const Json& found) {
            const auto id = found.is_string() ? Uuid::parse(found.get<std::string>())
                                              : std::nullopt;
            value = id.value_or(Uuid());
            return id.has_value();
        });
    }
    void get_base64(const char* name, std::string& value) {
        std::string text;
        get(name, text);
        auto bytes = codec::parse_base64(text);
        if (bytes) {
            value = std::move(*bytes);
        } else {
            is_good_ = false;
        }
    }
    [[nodiscard]] bool has(const char* name) const { return json_.contains(name); }
    template <typename Read>
    void read(const char* name, Read read) {
        const auto found = json_.find(name);
        if (found != json_.end() && !read(*found)) is_good_ = false;
    }
    void fail() { is_good_ = false; }
    [[nodiscard]] bool is_good() const { return is_good_; }

  private:
    const Json& json_;
    bool is_good_ = true;
};

Error damaged(std::string_view type) {
    return Error(
               ErrorCode::kDataLoss,
               "an event of a consumer group in the system log cannot be read; its type is \"" +
                   model::shown(type) + "\". Restore the namespace from a backup"
    )
        .with("type", model::shown(type));
}

std::string dump(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json json_of(const api::SubscribeStart& start) {
    Json json = Json::object();
    if (const auto* token = std::get_if<api::AfterToken>(&start)) {
        json["at"] = "token";
        json["token"] = token->token;
    } else if (const auto* position = std::get_if<api::FromPosition>(&start)) {
        json["at"] = "position";
        json["position"] = position->position.value;
    } else if (const auto* time = std::get_if<api::FromTime>(&start)) {
        json["at"] = "time";
        json["time_ns"] = time->time.value;
    } else {
        json["at"] = std::holds_alternative<api::FromEnd>(start) ? "end" : "start";
    }
    return json;
}

bool parse_start(const Json& json, api::SubscribeStart& start) {
    if (!json.is_object()) return false;
    Members members(json);
    std::string at;
    members.get("at", at);
    if (at == "token") {
        api::AfterToken token;
        members.get("token", token.token);
        start = token;
    } else if (at == "position") {
        api::FromPosition position;
        members.get("position", position.position.value);
        start = position;
    } else if (at == "time") {
        api::FromTime time;
        members.get("time_ns", time.time);
        start = time;
    } else if (at == "end") {
        start = api::FromEnd{};
    } else {
        start = std::monostate();
    }
    return members.is_good() && std::ranges::count(kStarts, at) == 1;
}

Json json_of(const model::Filter& filter) {
    Json json = Json::object();
    put(json, "categories", filter.categories);
    put(json, "types", filter.types);
    put(json, "stream_prefixes", filter.stream_prefixes);
    put(json, "tags", filter.tags);
    put(json, "include_system", filter.include_system);
    put(json, "stream_pattern", filter.stream_pattern);
    put(json, "type_pattern", filter.type_pattern);
    put(json, "recorded_since_ns", filter.recorded_since);
    put(json, "recorded_until_ns", filter.recorded_until);
    return json;
}

bool parse_filter(const Json& json, model::Filter& filter) {
    if (!json.is_object()) return false;
    Members members(json);
    members.get("categories", filter.categories);
    members.get("types", filter.types);
    members.get("stream_prefixes", filter.stream_prefixes);
    members.get("tags", filter.tags);
    members.get("include_system", filter.include_system);
    members.get("stream_pattern", filter.stream_pattern);
    members.get("type_pattern", filter.type_pattern);
    members.get("recorded_since_ns", filter.recorded_since);
    members.get("recorded_until_ns", filter.recorded_until);
    return members.is_good();
}

Json json_of(const api::GroupSettings& settings) {
    Json json = Json::object();
    put(json, "stream", settings.stream);
    json["filter"] = json_of(settings.filter);
    json["start"] = json_of(settings.start);
    json["strategy"] = api::to_string(settings.strategy);
    json["key"] = api::to_string(settings.key);
    for (const api::GroupNumber& number : api::kGroupNumbers)
        json[number.name] = settings.*number.member;
    return json;
}

bool parse_settings(const Json& json, api::GroupSettings& settings) {
    if (!json.is_object()) return false;
    Members members(json);
    members.get("stream", settings.stream);
    members.read("filter", [&](const Json& found) { return parse_filter(found, settings.filter); });
    members.read("start", [&](const Json& found) { return parse_start(found, settings.start); });
    std::string strategy;
    std::string key;
    members.get("strategy", strategy);
    members.get("key", key);
    const auto known_strategy = api::parse_group_strategy(strategy);
    const auto known_key = api::parse_group_key(key);
    if (!known_strategy || !known_key) return false;
    settings.strategy = *known_strategy;
    settings.key = *known_key;
    for (const api::GroupNumber& number : api::kGroupNumbers)
        members.get(number.name, settings.*number.member);
    return members.is_good();
}

Json json_of(const Failure& failure) {
    Json json = Json::object();
    put(json, "at", failure.position.value);
    put(json, "member", failure.member);
    put(json, "reason", failure.reason);
    put(json, "time_ns", failure.time);
    return json;
}

bool parse_failure(const Json& json, Failure& failure) {
    if (!json.is_object()) return false;
    Members members(json);
    members.get("at", failure.position.value);
    members.get("member", failure.member);
    members.get("reason", failure.reason);
    members.get("time_ns", failure.time);
    return members.is_good();
}

bool parse_ranges(const Json& json, std::vector<std::pair<Position, Position>>& ranges) {
    if (!json.is_array()) return false;
    for (const Json& one : json) {
        const bool is_pair = one.is_array() && one.size() == 2 && one[0].is_number_unsigned() &&
                             one[1].is_number_unsigned();
        if (!is_pair) return false;
        const Position first(one[0].get<std::uint64_t>());
        const Position last(one[1].get<std::uint64_t>());
        if (last < first || (!ranges.empty() && first <= ranges.back().second)) return false;
        ranges.emplace_back(first, last);
    }
    return true;
}

}  // namespace

std::string_view type_of(DefinitionKind kind) {
    return kDefinitionTypes[static_cast<std::size_t>(kind)];
}

std::string_view type_of(ChangeKind kind) { return kChangeTypes[static_cast<std::size_t>(kind)]; }

std::string encode_definition(const Definition& definition) {
    Json json = Json::object();
    json["settings"] = json_of(definition.settings);
    put(json, "is_paused", definition.is_paused);
    put(json, "generation", definition.generation);
    put(json, "from", definition.from.value);
    put(json, "parked_from", definition.parked_from.value);
    put(json, "created_ns", definition.created_time);
    put(json, "reason", definition.reason);
    return dump(json);
}

Result<Definition> parse_definition(std::string_view type, std::string_view data) {
    const auto kind = std::ranges::find(kDefinitionTypes, type);
    if (kind == kDefinitionTypes.end()) return damaged(type);
    const Json json = Json::parse(data, nullptr, false);
    if (!json.is_object()) return damaged(type);
    Definition definition;
    definition.kind = static_cast<DefinitionKind>(kind - kDefinitionTypes.begin());
    Members members(json);
    if (!members.has("settings")) return damaged(type);
    members.read("settings", [&](const Json& found) {
        return parse_settings(found, definition.settings);
    });
    definition.generation = 0;
    members.get("is_paused", definition.is_paused);
    members.get("generation", definition.generation);
    members.get("from", definition.from.value);
    members.get("parked_from", definition.parked_from.value);
    members.get("created_ns", definition.created_time);
    members.get("reason", definition.reason);
    if (!members.is_good()) return damaged(type);
    return definition;
}

std::string encode_checkpoint(const StoredCheckpoint& stored) {
    Json json = Json::object();
    put(json, "generation", stored.generation);
    put(json, "position", stored.token);
    put(json, "at", stored.checkpoint.low.value);
    if (!stored.checkpoint.finished.empty()) {
        Json ranges = Json::array();
        for (const auto& [first, last] : stored.checkpoint.finished) {
            ranges.push_back(Json::array({first.value, last.value}));
        }
        json["finished"] = std::move(ranges);
    }
    put(json, "parked_from", stored.parked_from.value);
    if (stored.failure) json["failure"] = json_of(*stored.failure);
    return dump(json);
}

Result<StoredCheckpoint> parse_checkpoint(std::string_view data) {
    const Json json = Json::parse(data, nullptr, false);
    if (!json.is_object()) return damaged(kCheckpointType);
    StoredCheckpoint stored;
    Members members(json);
    members.get("generation", stored.generation);
    members.get("position", stored.token);
    members.get("at", stored.checkpoint.low.value);
    members.read("finished", [&](const Json& found) {
        return parse_ranges(found, stored.checkpoint.finished);
    });
    members.get("parked_from", stored.parked_from.value);
    members.read("failure", [&](const Json& found) {
        return parse_failure(found, stored.failure.emplace());
    });
    if (!members.is_good()) return damaged(kCheckpointType);
    return stored;
}

std::string encode_change(const Change& change) {
    Json json = Json::object();
    put(json, "key", change.key);
    Json positions = Json::array();
    for (const Position at : change.positions) positions.push_back(at.value);
    json["positions"] = std::move(positions);
    put(json, "attempts", std::uint64_t{change.attempts});
    put(json, "error", change.error);
    put(json, "member", change.member);
    put(json, "time_ns", change.time);
    if (change.kind == ChangeKind::kEdited) {
        json["data"] = codec::base64(change.data);
        put(json, "content_type", change.content_type);
        if (change.has_metadata) json["metadata"] = codec::base64(change.metadata);
        if (!change.event_id.is_nil()) json["event_id"] = change.event_id.to_string();
    }
    put(json, "reason", change.reason);
    return dump(json);
}

Result<Change> parse_change(std::string_view type, std::string_view data) {
    const auto kind = std::ranges::find(kChangeTypes, type);
    if (kind == kChangeTypes.end()) return damaged(type);
    const Json json = Json::parse(data, nullptr, false);
    if (!json.is_object()) return damaged(type);
    Change change;
    change.kind = static_cast<ChangeKind>(kind - kChangeTypes.begin());
    Members members(json);
    members.get("key", change.key);
    members.get("positions", change.positions);
    members.get("attempts", change.attempts);
    members.get("error", change.error);
    members.get("member", change.member);
    members.get("time_ns", change.time);
    if (change.kind == ChangeKind::kEdited) {
        members.get_base64("data", change.data);
        members.get("content_type", change.content_type);
        change.has_metadata = members.has("metadata");
        if (change.has_metadata) members.get_base64("metadata", change.metadata);
        members.get("event_id", change.event_id);
    }
    members.get("reason", change.reason);
    if (!members.is_good() || change.positions.empty()) return damaged(type);
    return change;
}

}  // namespace annals::groups
