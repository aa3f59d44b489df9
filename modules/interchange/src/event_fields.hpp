// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "annals/base/result.hpp"
#include "annals/interchange/record.hpp"
#include "annals/json_events/archived_event.hpp"

#include "arena.hpp"

namespace annals::interchange {

/// What a record has, each part as a text of its own: the columns of our CSV files, the attributes
/// of our XES files.
enum class Field : std::uint8_t {
    kPosition,
    kRevision,
    kRecordedTime,
    kStream,
    kId,
    kType,
    kValidTime,
    kActor,
    kCorrelationId,
    kCausationId,
    kTraceparent,
    kTracestate,
    kSchemaId,
    kContentType,
    kTags,
    kDialect,
    kMetadata,
    kMetadataBase64,
    kData,
    kDataBase64,
    kAppend,
};

inline constexpr std::array<std::string_view, 21> kFieldNames{
    "position",    "revision",   "recorded_time",   "stream",         "id",
    "type",        "valid_time", "actor",           "correlation_id", "causation_id",
    "traceparent", "tracestate", "schema_id",       "content_type",   "tags",
    "dialect",     "metadata",   "metadata_base64", "data",           "data_base64",
    "append",
};

inline std::string_view name_of(Field field) {
    return kFieldNames[static_cast<std::size_t>(field)];
}

/// Appends the field's text; nothing where the record has nothing there. Metadata and data that
/// are not plain text are in their base64 fields instead.
void append_field(std::string& out, const Record& record, Field field);

/// Whether a text can stand in a CSV or XML file: UTF-8 without control characters but tab and line
/// ends, and without the two code points that XML does not have.
bool is_plain_text(std::string_view text);

/// The reverse, field by field. One thread.
class FieldReader {
  public:
    /// Texts that had to be made are kept in the arena; others are views of `text`. An empty text
    /// changes nothing. invalid_argument names the field.
    Status read(Field field, std::string_view text, Record& record, Arena& arena);

  private:
    Status read_tags(std::string_view text, model::NewEvent& event, Arena& arena);
    Status read_dialect(std::string_view text, model::NewEvent& event, Arena& arena);
    Status read_append(std::string_view text, Record& record, Arena& arena);

    json_events::ArchivedEventParser parser_;
};

}  // namespace annals::interchange
