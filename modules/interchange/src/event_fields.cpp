// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "event_fields.hpp"

#include <charconv>
#include <limits>
#include <optional>

#include "annals/codec/text.hpp"
#include "annals/json_events/event_json.hpp"
#include "annals/json_events/json_text.hpp"
#include "annals/json_events/tag_list.hpp"
#include "annals/json_events/time_text.hpp"
#include "annals/model/names.hpp"

namespace annals::interchange {
namespace {

Error unfit(Field field, std::string_view text, std::string_view rule) {
    return Error(
               ErrorCode::kInvalidArgument,
               std::string(name_of(field)) + " \"" + model::shown(text) +
                   "\" is not acceptable: " + std::string(rule)
    )
        .with("field", name_of(field))
        .with("value", model::shown(text));
}

template <typename Number>
Status read_number(Field field, std::string_view text, Number& into) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
    if (error == std::errc() && end == text.data() + text.size()) return ok();
    return unfit(
        field, text, "a number from 0 to " + std::to_string(std::numeric_limits<Number>::max())
    );
}

Status read_base64(Field field, std::string_view text, std::string_view& into, Arena& arena) {
    const std::optional<std::string> bytes = codec::parse_base64(text);
    if (!bytes) return unfit(field, text, "base64 with padding");
    into = arena.copy(*bytes);
    return ok();
}

/// name=value pairs between &, everything but letters, digits and -._~ as %XX.
void append_dialect(std::string& out, const model::NewEvent& event) {
    bool is_first = true;
    for (const model::DialectField& field : event.dialect) {
        if (!is_first) out.push_back('&');
        is_first = false;
        json_events::append_percent_encoded(out, field.name);
        out.push_back('=');
        json_events::append_percent_encoded(out, field.value);
    }
}

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            out.push_back(text[at]);
            continue;
        }
        const std::string_view digits = text.substr(at + 1, 2);
        std::uint8_t byte = 0;
        const auto [end, error] = std::from_chars(
            digits.data(), digits.data() + digits.size(), byte, 16
        );
        if (digits.size() != 2 || error != std::errc() || end != digits.data() + 2)
            return std::nullopt;
        out.push_back(static_cast<char>(byte));
        at += 2;
    }
    return out;
}

void append_payload(std::string& out, std::string_view bytes, bool wants_base64) {
    if (is_plain_text(bytes) == wants_base64) return;
    if (wants_base64) {
        out += codec::base64(bytes);
    } else {
        out += bytes;
    }
}

}  // namespace

bool is_plain_text(std::string_view text) {
    if (codec::is_printable_ascii(text)) return true;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto sign = static_cast<std::uint8_t>(text[at]);
        if (sign < 0x20u && sign != '\t' && sign != '\n' && sign != '\r') return false;
        const std::string_view code = text.substr(at, 3);
        if (code == "\xEF\xBF\xBE" || code == "\xEF\xBF\xBF") return false;
    }
    return codec::is_utf8(text);
}

void append_field(std::string& out, const Record& record, Field field) {
    const model::RecordedEvent& event = record.event;
    switch (field) {
        case Field::kPosition:
            if (record.has_stamp) json_events::append_number(out, event.position.value);
            return;
        case Field::kRevision:
            if (record.has_stamp) json_events::append_number(out, event.revision.value);
            return;
        case Field::kRecordedTime:
            if (record.has_stamp) json_events::append_time(out, event.recorded_time);
            return;
        case Field::kStream:
            out += event.stream;
            return;
        case Field::kId:
            if (!event.id.is_nil()) out += event.id.to_string();
            return;
        case Field::kType:
            out += event.type;
            return;
        case Field::kValidTime:
            if (event.valid_time) {
                json_events::append_time(
                    out, event.valid_time->at, event.valid_time->offset_minutes
                );
            }
            return;
        case Field::kActor:
            out += event.actor;
            return;
        case Field::kCorrelationId:
            out += event.correlation_id;
            return;
        case Field::kCausationId:
            out += event.causation_id;
            return;
        case Field::kTraceparent:
            out += event.traceparent;
            return;
        case Field::kTracestate:
            out += event.tracestate;
            return;
        case Field::kSchemaId:
            if (event.schema_id != 0)
                json_events::append_number(out, std::uint64_t{event.schema_id});
            return;
        case Field::kContentType:
            if (event.content_type != model::kDefaultContentType) out += event.content_type;
            return;
        case Field::kTags:
            out += json_events::joined_tags(event);
            return;
        case Field::kDialect:
            append_dialect(out, event);
            return;
        case Field::kMetadata:
            append_payload(out, event.metadata, false);
            return;
        case Field::kMetadataBase64:
            append_payload(out, event.metadata, true);
            return;
        case Field::kData:
            append_payload(out, event.data, false);
            return;
        case Field::kDataBase64:
            append_payload(out, event.data, true);
            return;
        case Field::kAppend:
            if (record.append && !record.append->is_plain())
                json_events::append_note(out, *record.append);
            return;
    }
}

Status FieldReader::read(Field field, std::string_view text, Record& record, Arena& arena) {
    if (text.empty()) return ok();
    model::RecordedEvent& event = record.event;
    switch (field) {
        case Field::kPosition:
            return read_number(field, text, event.position.value);
        case Field::kRevision:
            return read_number(field, text, event.revision.value);
        case Field::kRecordedTime: {
            ANNALS_TRY(const model::ValidTime time, json_events::parse_time(text, name_of(field)));
            event.recorded_time = time.at;
            return ok();
        }
        case Field::kStream:
            event.stream = text;
            return ok();
        case Field::kId: {
            const std::optional<Uuid> id = Uuid::parse(text);
            if (!id) return unfit(field, text, "a UUID (8-4-4-4-12 hex digits)");
            event.id = *id;
            return ok();
        }
        case Field::kType:
            event.type = text;
            return ok();
        case Field::kValidTime: {
            ANNALS_TRY(event.valid_time, json_events::parse_time(text, name_of(field)));
            return ok();
        }
        case Field::kActor:
            event.actor = text;
            return ok();
        case Field::kCorrelationId:
            event.correlation_id = text;
            return ok();
        case Field::kCausationId:
            event.causation_id = text;
            return ok();
        case Field::kTraceparent:
            event.traceparent = text;
            return ok();
        case Field::kTracestate:
            event.tracestate = text;
            return ok();
        case Field::kSchemaId:
            return read_number(field, text, event.schema_id);
        case Field::kContentType:
            event.content_type = text;
            return ok();
        case Field::kTags:
            return read_tags(text, event, arena);
        case Field::kDialect:
            return read_dialect(text, event, arena);
        case Field::kMetadata:
            event.metadata = text;
            return ok();
        case Field::kMetadataBase64:
            return read_base64(field, text, event.metadata, arena);
        case Field::kData:
            event.data = text;
            return ok();
        case Field::kDataBase64:
            return read_base64(field, text, event.data, arena);
        case Field::kAppend:
            return read_append(text, record, arena);
    }
    return ok();
}

Status FieldReader::read_tags(std::string_view text, model::NewEvent& event, Arena& arena) {
    json_events::for_each_tag(text, [&](std::string_view tag) {
        event.tags.push_back(arena.copy(json_events::decoded_tag(tag)));
    });
    return ok();
}

Status FieldReader::read_dialect(std::string_view text, model::NewEvent& event, Arena& arena) {
    const std::string_view whole = text;
    while (!text.empty()) {
        const std::size_t end = text.find('&');
        const std::string_view pair = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        const std::size_t sign = pair.find('=');
        if (sign == std::string_view::npos)
            return unfit(Field::kDialect, whole, "name=value pairs between &");
        const std::optional<std::string> name = percent_decoded(pair.substr(0, sign));
        const std::optional<std::string> value = percent_decoded(pair.substr(sign + 1));
        if (!name || !value) return unfit(Field::kDialect, whole, "two hex digits follow each %");
        event.dialect.push_back({arena.copy(*name), arena.copy(*value)});
    }
    return ok();
}

/// The note's texts are copied: the parser is used again for the next record only, but its views
/// end there.
Status FieldReader::read_append(std::string_view text, Record& record, Arena& arena) {
    model::AppendNote& note = record.append.emplace();
    ANNALS_CHECK(parser_.parse_note(text, note));
    note.principal = arena.copy(note.principal);
    if (note.tracking) {
        note.tracking->source = arena.copy(note.tracking->source);
        note.tracking->consumer = arena.copy(note.tracking->consumer);
        note.tracking->key = arena.copy(note.tracking->key);
    }
    return ok();
}

}  // namespace annals::interchange
