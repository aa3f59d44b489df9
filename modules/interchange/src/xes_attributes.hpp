// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event_fields.hpp"

namespace annals::interchange {

/// An attribute of a trace or an event; one inside of another has both keys, `outer/inner`. A list
/// has items in place of a value: each is a value of the list, and what is inside of it.
struct XesAttribute {
    std::string type;  ///< string, date, int, float, boolean, id, list
    std::string key;
    std::string value;
    std::vector<std::vector<XesAttribute>> items{};

    [[nodiscard]] bool is_list() const { return type == kList; }
    static constexpr std::string_view kList = "list";
};

inline constexpr std::string_view kXesName = "concept:name";
inline constexpr std::string_view kXesTime = "time:timestamp";
inline constexpr std::string_view kXesResource = "org:resource";
inline constexpr std::string_view kXesId = "identity:id";
inline constexpr std::string_view kXesOwnPrefix = "annals:";
/// The time is the recorded one: the event says of no other.
inline constexpr std::string_view kXesTimeIsRecorded = "annals:time_is_recorded";

/// Fields that are `annals:<name>`; the others have a key of the standard.
inline constexpr std::array kXesOwnFields{
    Field::kPosition,
    Field::kRevision,
    Field::kRecordedTime,
    Field::kCorrelationId,
    Field::kCausationId,
    Field::kTraceparent,
    Field::kTracestate,
    Field::kSchemaId,
    Field::kContentType,
    Field::kTags,
    Field::kDialect,
    Field::kMetadata,
    Field::kMetadataBase64,
    Field::kData,
    Field::kDataBase64,
    Field::kAppend,
};

/// Which field the key is, of those.
std::optional<Field> own_field_of(std::string_view key);

/// Whether the key has a meaning of its own on an event, so that no member of data may have it.
bool is_taken_key(std::string_view key);

/// The plain members of a JSON object, and its lists as json_of_attributes() writes them, as
/// attributes in their order; others, and those whose key is taken or comes twice, are left out.
/// Nothing when the text is no JSON object.
std::vector<XesAttribute> attributes_of_json(std::string_view json);

/// The attributes as a JSON object; numbers and booleans that JSON has no text for become texts, a
/// list an array with an object for each item. Where a key comes more than once its values are an
/// array at the place of the first: no member is doubled.
std::string json_of_attributes(const std::vector<XesAttribute>& attributes);

}  // namespace annals::interchange
