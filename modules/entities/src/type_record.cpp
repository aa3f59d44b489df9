// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "type_record.hpp"

#include <charconv>
#include <utility>

#include "annals/documents/document_text.hpp"
#include "annals/entities/entity_key.hpp"
#include "annals/model/refusals.hpp"

namespace annals::entities {
namespace {

using documents::Kind;
using documents::Value;

const Value* member(const Value& data, std::string_view name, Kind kind) {
    const Value* value = data.find(name);
    return value != nullptr && value->kind() == kind ? value : nullptr;
}

}  // namespace

std::string type_stream_of(std::string_view type) {
    return std::string(kTypeStreams).append(encode_type(type));
}

std::string type_data_of(const EntityType& type) {
    documents::Object members;
    members.push_back({"type", Value(type.type)});
    members.push_back({"version", Value(documents::Number{std::to_string(type.version)})});
    if (!type.is_deleted) {
        members.push_back({"schema", type.schema});
        members.push_back({"draft", Value(std::string(name_of(type.draft)))});
        members.push_back({"compatibility", Value(std::string(name_of(type.compatibility)))});
        members.push_back({"validate", Value(type.is_validated)});
    }
    if (!type.breaks.empty()) {
        documents::Array breaks;
        for (const std::string& one : type.breaks) breaks.emplace_back(one);
        members.push_back({"breaks", Value(std::move(breaks))});
    }
    return documents::to_text(Value(std::move(members)));
}

Result<EntityType> parse_type_data(std::string_view data) {
    // The schema may be as deep as any document, and lies one level deeper.
    const documents::TextLimits limits{.depth_max = documents::kDepthMax + 1};
    ANNALS_TRY(const Value value, documents::parse_document(data, "data", limits));
    EntityType type;
    const Value* name = member(value, "type", Kind::kString);
    if (name == nullptr) return model::refused("type", "", "it must be a text");
    type.type = name->string();
    const Value* version = member(value, "version", Kind::kNumber);
    if (version == nullptr) return model::refused("version", "", "it must be a number");
    const std::string& digits = version->number().text;
    const auto [end, error] = std::from_chars(
        digits.data(), digits.data() + digits.size(), type.version
    );
    if (error != std::errc() || end != digits.data() + digits.size()) {
        return model::refused("version", digits, "it must be a count");
    }
    const Value* schema = value.find("schema");
    type.is_deleted = schema == nullptr;
    if (type.is_deleted) return type;
    type.schema = *schema;
    const Value* draft = member(value, "draft", Kind::kString);
    const Value* compatibility = member(value, "compatibility", Kind::kString);
    const Value* validate = member(value, "validate", Kind::kBoolean);
    if (draft == nullptr || compatibility == nullptr || validate == nullptr) {
        return model::refused("data", "", "it must have draft, compatibility and validate");
    }
    ANNALS_TRY(type.draft, schemas::parse_draft(draft->string()));
    ANNALS_TRY(type.compatibility, schemas::parse_compatibility(compatibility->string()));
    type.is_validated = validate->boolean();
    if (const Value* breaks = member(value, "breaks", Kind::kArray)) {
        for (const Value& one : breaks->array()) {
            if (one.kind() == Kind::kString) type.breaks.push_back(one.string());
        }
    }
    return type;
}

Result<EntityType> parse_type_event(const model::RecordedEvent& event) {
    Result<EntityType> type = parse_type_data(event.data);
    if (!type) {
        const std::string revision = std::to_string(event.revision.value);
        return Error(
                   ErrorCode::kEntityUnreadable,
                   std::string(event.stream) + " cannot be read at revision " + revision + ": " +
                       std::string(type.error().message())
        )
            .with("stream", event.stream)
            .with("revision", revision);
    }
    type->revision = event.revision;
    type->changed = {event.recorded_time, std::string(event.actor)};
    return type;
}

}  // namespace annals::entities
