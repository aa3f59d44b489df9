// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "record.hpp"

#include <array>

#include <nlohmann/json.hpp>

#include "annals/model/names.hpp"

namespace annals::consumers {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 4> kTypes = {
    "$progress-saved",
    "$progress-claimed",
    streams::kConsumerRewoundType,
    streams::kConsumerDeletedType
};

void put(Json& json, const char* name, const std::string& value) {
    if (!value.empty()) json[name] = value;
}

void put(Json& json, const char* name, std::uint64_t value) {
    if (value != 0) json[name] = value;
}

/// Reads members; remembers whether one had another kind of value.
class Members {
  public:
    explicit Members(const Json& json) : json_(json) {}

    void get(const char* name, std::string& value) {
        const auto found = json_.find(name);
        if (found == json_.end()) return;
        if (found->is_string()) {
            value = found->get<std::string>();
        } else {
            is_good_ = false;
        }
    }
    void get(const char* name, std::uint64_t& value) {
        const auto found = json_.find(name);
        if (found == json_.end()) return;
        if (found->is_number_unsigned()) {
            value = found->get<std::uint64_t>();
        } else {
            is_good_ = false;
        }
    }
    [[nodiscard]] bool is_good() const { return is_good_; }

  private:
    const Json& json_;
    bool is_good_ = true;
};

Error damaged(std::string_view type) {
    return Error(
               ErrorCode::kDataLoss,
               "an event of a consumer in the system log cannot be read; its type is \"" +
                   model::shown(type) + "\". Restore the namespace from a backup"
    )
        .with("type", model::shown(type));
}

std::optional<RecordKind> kind_of(std::string_view type) {
    for (std::size_t i = 0; i < kTypes.size(); ++i) {
        if (kTypes[i] == type) return static_cast<RecordKind>(i);
    }
    return std::nullopt;
}

}  // namespace

std::string_view type_of(RecordKind kind) { return kTypes[static_cast<std::size_t>(kind)]; }

std::string stream_of(std::string_view consumer) {
    return std::string(kStreamPrefix).append(consumer);
}

std::string encode_record(const Record& record) {
    Json json = Json::object();
    put(json, "position", record.position);
    put(json, "at", record.at.value);
    put(json, "epoch", record.epoch);
    put(json, "owner", record.owner);
    put(json, "offset", record.offset);
    put(json, "foreign_id", record.foreign_id);
    put(json, "reason", record.reason);
    const bool is_seen_now = record.kind == RecordKind::kSaved ||
                             record.kind == RecordKind::kClaimed;
    if (!is_seen_now) {
        put(json, "last_seen_ns", static_cast<std::uint64_t>(record.last_seen_time.value));
    }
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Record> parse_record(std::string_view type, std::string_view data, TimeNs recorded_time) {
    const std::optional<RecordKind> kind = kind_of(type);
    if (!kind) return damaged(type);
    const Json json = Json::parse(data, nullptr, false);
    if (!json.is_object()) return damaged(type);
    Record record;
    record.kind = *kind;
    Members members(json);
    members.get("position", record.position);
    members.get("at", record.at.value);
    members.get("epoch", record.epoch);
    members.get("owner", record.owner);
    members.get("offset", record.offset);
    members.get("foreign_id", record.foreign_id);
    members.get("reason", record.reason);
    std::uint64_t last_seen_ns = 0;
    members.get("last_seen_ns", last_seen_ns);
    if (!members.is_good()) return damaged(type);
    const bool is_seen_now = *kind == RecordKind::kSaved || *kind == RecordKind::kClaimed;
    record.last_seen_time = is_seen_now ? recorded_time
                                        : TimeNs(static_cast<std::int64_t>(last_seen_ns));
    return record;
}

}  // namespace annals::consumers
