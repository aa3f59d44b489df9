// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/model/stream_metadata.hpp"

#include <charconv>
#include <vector>

#include <nlohmann/json.hpp>

#include "annals/model/limits.hpp"
#include "annals/model/names.hpp"

#include "json_members.hpp"

namespace annals::model {
namespace {

constexpr std::string_view kMaxAge = "\"$maxAge\"";
constexpr std::string_view kMaxCount = "\"$maxCount\"";
constexpr std::string_view kTruncateBefore = "\"$tb\"";
constexpr std::string_view kCompactBy = "\"$compactBy\"";

/// As if nothing in it were escaped.
std::string plain(std::string_view key) {
    if (key.find('\\') == std::string_view::npos) return std::string(key);
    return "\"" + nlohmann::json::parse(key).get<std::string>() + "\"";
}

bool is_reserved(std::string_view key) {
    return key == kMaxAge || key == kMaxCount || key == kTruncateBefore || key == kCompactBy;
}

Error refused(
    std::string_view field, std::string_view part, std::string_view value, std::string_view rule
) {
    const std::string name = std::string(field) + "." + std::string(part);
    return Error(
               ErrorCode::kInvalidArgument,
               name + " " + shown(value) + " is not acceptable: " + std::string(rule)
    )
        .with("field", name)
        .with("value", shown(value))
        .with("rule", rule);
}

Status check_number(
    std::string_view field, std::string_view part, std::uint64_t value, std::uint64_t min
) {
    if (value >= min && value <= kMetadataNumberMax) return ok();
    const std::string rule = "it must be from " + std::to_string(min) + " to " +
                             std::to_string(kMetadataNumberMax);
    return refused(field, part, std::to_string(value), rule);
}

/// The same in KurrentDB's JSON and ours: a whole number that is not negative.
std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t min) {
    std::uint64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || stop != end || value < min || value > kMetadataNumberMax) {
        return std::nullopt;
    }
    return value;
}

void add_member(std::string& json, std::string_view key, std::string_view value) {
    if (json.size() > 1) json += ',';
    json.append(key).append(":").append(value);
}

}  // namespace

Status check_stream_metadata(const StreamMetadata& metadata, std::string_view field) {
    if (metadata.max_age_s) ANNALS_CHECK(check_number(field, "max_age_s", *metadata.max_age_s, 1));
    if (metadata.max_count) ANNALS_CHECK(check_number(field, "max_count", *metadata.max_count, 1));
    if (metadata.truncate_before) {
        ANNALS_CHECK(check_number(field, "truncate_before", metadata.truncate_before->value, 0));
    }
    if (!metadata.compact_by.empty()) {
        const std::string name = std::string(field) + ".compact_by";
        ANNALS_CHECK(check_tag(metadata.compact_by + ":x", name));
        if (metadata.compact_by.find(':') != std::string::npos) {
            return refused(
                field, "compact_by", metadata.compact_by, "it is a tag's key, the part before `:`"
            );
        }
    }
    if (metadata.custom.empty()) return ok();
    if (metadata.custom.size() > Limits::kStreamMetadataBytesMax) {
        const std::string limit = std::to_string(Limits::kStreamMetadataBytesMax);
        const std::string size = std::to_string(metadata.custom.size());
        return Error(
                   ErrorCode::kLimitExceeded,
                   std::string(field) + ".custom has " + size + " bytes, at most " + limit +
                       " are taken"
        )
            .with("field", std::string(field) + ".custom")
            .with("value", size)
            .with("limit", limit);
    }
    const auto members = json_members(metadata.custom);
    if (!members) return refused(field, "custom", metadata.custom, "it must be a JSON object");
    for (const JsonMember& member : *members) {
        if (!is_reserved(plain(member.key))) continue;
        const std::string rule = "its key " + std::string(member.key) +
                                 " has a field of its own: use that";
        return refused(field, "custom", metadata.custom, rule);
    }
    return ok();
}

std::string format_stream_metadata(const StreamMetadata& metadata) {
    std::string json = "{";
    if (metadata.max_age_s) add_member(json, kMaxAge, std::to_string(*metadata.max_age_s));
    if (metadata.max_count) add_member(json, kMaxCount, std::to_string(*metadata.max_count));
    if (metadata.truncate_before) {
        add_member(json, kTruncateBefore, std::to_string(metadata.truncate_before->value));
    }
    if (!metadata.compact_by.empty()) {
        add_member(json, kCompactBy, nlohmann::json(metadata.compact_by).dump());
    }
    const std::string_view custom = metadata.custom;
    const std::size_t open = custom.find('{');
    if (open == std::string_view::npos) return json + "}";
    const std::size_t close = custom.rfind('}');
    const std::string_view inside = custom.substr(open + 1, close - open - 1);
    const bool has_members = inside.find_first_not_of(" \t\r\n") != std::string_view::npos;
    if (json.size() > 1 && has_members) json += ',';
    return json.append(inside) + "}";
}

StreamMetadata parse_stream_metadata(std::string_view json) {
    StreamMetadata metadata;
    const auto members = json_members(json);
    if (!members) return metadata;
    std::string custom;
    bool has_custom = false;
    for (const JsonMember& member : *members) {
        const std::string key = plain(member.key);
        if (key == kMaxAge) {
            metadata.max_age_s = parse_number(member.value, 1);
        } else if (key == kMaxCount) {
            metadata.max_count = parse_number(member.value, 1);
        } else if (key == kTruncateBefore) {
            const auto revision = parse_number(member.value, 0);
            if (revision) metadata.truncate_before = Revision(*revision);
        } else if (key == kCompactBy) {
            const nlohmann::json value = nlohmann::json::parse(member.value);
            if (value.is_string()) metadata.compact_by = value.get<std::string>();
        } else {
            if (has_custom) custom += ',';
            custom.append(member.all);
            has_custom = true;
        }
    }
    if (has_custom) metadata.custom = "{" + custom + "}";
    return metadata;
}

StreamMetadata with_defaults(StreamMetadata own, const StreamMetadata& category) {
    if (!own.max_age_s) own.max_age_s = category.max_age_s;
    if (!own.max_count) own.max_count = category.max_count;
    if (own.compact_by.empty()) own.compact_by = category.compact_by;
    return own;
}

}  // namespace annals::model
