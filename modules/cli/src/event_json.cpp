// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "event_json.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "annals/codec/text.hpp"

#include "json_text.hpp"
#include "time_text.hpp"

namespace annals::cli {
namespace {

void add_text(Json& json, const char* key, std::string_view text) {
    if (!text.empty()) json[key] = std::string(text);
}

/// Deeper data is shown as text: writing it would take a stack frame for each level.
constexpr std::size_t kNestingMax = 200;

/// An upper bound: brackets in strings count too.
std::size_t nesting(std::string_view json) {
    std::size_t depth = 0;
    std::size_t deepest = 0;
    for (const char sign : json) {
        if (sign == '{' || sign == '[') deepest = std::max(deepest, ++depth);
        if ((sign == '}' || sign == ']') && depth > 0) --depth;
    }
    return deepest;
}

void add_payload(Json& json, const std::string& key, std::string_view bytes, bool is_json) {
    if (bytes.empty()) return;
    if (is_json && nesting(bytes) <= kNestingMax) {
        if (std::optional<Json> parsed = parse_exact(bytes)) {
            json[key] = std::move(*parsed);
            return;
        }
    }
    if (codec::is_utf8(bytes)) {
        json[key] = std::string(bytes);
    } else {
        json[key + "_base64url"] = codec::base64url(bytes);
    }
}

bool is_json_type(std::string_view content_type) {
    return content_type.empty() || content_type.starts_with("application/json") ||
           content_type.ends_with("+json");
}

}  // namespace

Json event_to_json(const model::RecordedEvent& event) {
    Json json;
    json["stream"] = std::string(event.stream);
    json["revision"] = event.revision.value;
    json["position"] = event.position.value;
    json["id"] = event.id.to_string();
    json["type"] = std::string(event.type);
    json["recorded_time"] = time_text(event.recorded_time);
    if (event.valid_time) json["valid_time"] = time_text(*event.valid_time);
    add_text(json, "actor", event.actor);
    add_text(json, "correlation_id", event.correlation_id);
    add_text(json, "causation_id", event.causation_id);
    add_text(json, "traceparent", event.traceparent);
    for (const std::string_view tag : event.tags) json["tags"].push_back(std::string(tag));
    for (const model::DialectField& field : event.dialect) {
        json["dialect"][std::string(field.name)] = std::string(field.value);
    }
    if (event.content_type != model::kDefaultContentType) {
        add_text(json, "content_type", event.content_type);
    }
    add_payload(json, "metadata", event.metadata, true);
    add_payload(json, "data", event.data, is_json_type(event.content_type));
    return json;
}

Json event_to_row(const model::RecordedEvent& event) {
    Json row = event_to_json(event);
    row["time"] = row.contains("valid_time") ? row["valid_time"] : row["recorded_time"];
    return row;
}

std::vector<Column> event_columns(EventView view) {
    std::vector<Column> columns;
    if (view == EventView::kManyStreams) {
        columns.push_back({"POSITION", "position", true});
        columns.push_back({"STREAM", "stream"});
    }
    columns.push_back({"REVISION", "revision", true});
    columns.push_back({"TIME", "time"});
    columns.push_back({"TYPE", "type"});
    columns.push_back({"ACTOR", "actor"});
    columns.push_back({"DATA", "data", false, true});
    return columns;
}

}  // namespace annals::cli
