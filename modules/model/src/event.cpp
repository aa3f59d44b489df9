// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/model/event.hpp"

#include <algorithm>

#include "annals/codec/checksum.hpp"
#include "annals/codec/wire.hpp"

namespace annals::model {
namespace {

using codec::FieldReader;
using codec::FieldWriter;
using codec::WireType;

constexpr std::uint32_t number(EventField field) { return static_cast<std::uint32_t>(field); }

void write_if(FieldWriter& writer, EventField field, std::string_view value) {
    if (!value.empty()) writer.bytes(number(field), value);
}

Error damaged(std::string_view what) {
    return Error(
               ErrorCode::kInvalidArgument,
               "the event's bytes are not a whole message: " + std::string(what)
    )
        .with("field", "event");
}

Error wrong_type(std::uint32_t field) {
    return Error(
               ErrorCode::kInvalidArgument,
               "field " + std::to_string(field) +
                   " of the event has another wire type than annals.v1 says"
    )
        .with("field", std::to_string(field));
}

WireType expected_type(EventField field) {
    switch (field) {
        case EventField::kValidTimeNs:
        case EventField::kPosition:
        case EventField::kRevision:
        case EventField::kRecordedTime:
            return WireType::kFixed64;
        case EventField::kValidTimeOffset:
        case EventField::kSchemaId:
            return WireType::kVarint;
        default:
            return WireType::kBytes;
    }
}

ValidTime& valid_time_of(NewEvent& event) {
    if (!event.valid_time) event.valid_time.emplace();
    return *event.valid_time;
}

Status read_dialect(std::string_view bytes, NewEvent& event) {
    DialectField dialect;
    FieldReader reader(bytes);
    while (reader.next()) {
        if (reader.field() == 1) dialect.name = reader.bytes();
        if (reader.field() == 2) dialect.value = reader.bytes();
    }
    if (!reader.ok()) return damaged("a dialect field");
    event.dialect.push_back(dialect);
    return ok();
}

/// Fields 1 to 16; false when the field is not among them.
Result<bool> read_common_field(const FieldReader& reader, NewEvent& event) {
    switch (static_cast<EventField>(reader.field())) {
        case EventField::kStream:
            event.stream = reader.bytes();
            return true;
        case EventField::kId: {
            const std::optional<Uuid> id = Uuid::from_bytes(reader.bytes());
            if (!id) {
                return Error(
                           ErrorCode::kInvalidArgument,
                           "an event id has 16 bytes, not " + std::to_string(reader.bytes().size())
                )
                    .with("field", "id");
            }
            event.id = *id;
            return true;
        }
        case EventField::kType:
            event.type = reader.bytes();
            return true;
        case EventField::kContentType:
            event.content_type = reader.bytes();
            return true;
        case EventField::kValidTimeNs:
            valid_time_of(event).at = TimeNs(static_cast<std::int64_t>(reader.number()));
            return true;
        case EventField::kValidTimeOffset:
            valid_time_of(event).offset_minutes = static_cast<std::int32_t>(
                codec::unzigzag(reader.number())
            );
            return true;
        case EventField::kSchemaId:
            event.schema_id = static_cast<std::uint32_t>(reader.number());
            return true;
        case EventField::kActor:
            event.actor = reader.bytes();
            return true;
        case EventField::kCorrelationId:
            event.correlation_id = reader.bytes();
            return true;
        case EventField::kCausationId:
            event.causation_id = reader.bytes();
            return true;
        case EventField::kTraceparent:
            event.traceparent = reader.bytes();
            return true;
        case EventField::kTracestate:
            event.tracestate = reader.bytes();
            return true;
        case EventField::kTag:
            event.tags.push_back(reader.bytes());
            return true;
        case EventField::kDialect:
            ANNALS_CHECK(read_dialect(reader.bytes(), event));
            return true;
        case EventField::kMetadata:
            event.metadata = reader.bytes();
            return true;
        case EventField::kData:
            event.data = reader.bytes();
            return true;
        case EventField::kPosition:
        case EventField::kRevision:
        case EventField::kRecordedTime:
            break;
    }
    return false;
}

bool is_known(std::uint32_t field) {
    return field >= 1 && field <= number(EventField::kRecordedTime);
}

}  // namespace

void encode_envelope(std::string& out, const NewEvent& event, const Uuid& id) {
    FieldWriter writer(out);
    write_if(writer, EventField::kStream, event.stream);
    if (!id.is_nil()) writer.bytes(number(EventField::kId), id.view());
    write_if(writer, EventField::kType, event.type);
    if (event.content_type != kDefaultContentType)
        write_if(writer, EventField::kContentType, event.content_type);
    if (event.valid_time) {
        writer.fixed64(
            number(EventField::kValidTimeNs), static_cast<std::uint64_t>(event.valid_time->at.value)
        );
        writer.varint(
            number(EventField::kValidTimeOffset), codec::zigzag(event.valid_time->offset_minutes)
        );
    }
    if (event.schema_id != 0) writer.varint(number(EventField::kSchemaId), event.schema_id);
    write_if(writer, EventField::kActor, event.actor);
    write_if(writer, EventField::kCorrelationId, event.correlation_id);
    write_if(writer, EventField::kCausationId, event.causation_id);
    write_if(writer, EventField::kTraceparent, event.traceparent);
    write_if(writer, EventField::kTracestate, event.tracestate);
    for (const std::string_view tag : event.tags) writer.bytes(number(EventField::kTag), tag);
    for (const DialectField& dialect : event.dialect) {
        const std::size_t size = 2 + codec::varint_size(dialect.name.size()) + dialect.name.size() +
                                 codec::varint_size(dialect.value.size()) + dialect.value.size();
        writer.begin_sized(number(EventField::kDialect), size);
        writer.bytes(1, dialect.name);
        writer.bytes(2, dialect.value);
    }
}

void encode_payload(std::string& out, const NewEvent& event) {
    FieldWriter writer(out);
    write_if(writer, EventField::kMetadata, event.metadata);
    write_if(writer, EventField::kData, event.data);
}

void encode_stamp(std::string& out, Position position, Revision revision, TimeNs recorded_time) {
    FieldWriter writer(out);
    writer.fixed64(number(EventField::kPosition), position.value);
    writer.fixed64(number(EventField::kRevision), revision.value);
    writer.fixed64(
        number(EventField::kRecordedTime), static_cast<std::uint64_t>(recorded_time.value)
    );
}

void encode_new_event(std::string& out, const NewEvent& event) {
    encode_envelope(out, event, event.id);
    encode_payload(out, event);
}

Status decode_event_fields(std::string_view bytes, RecordedEvent& event) {
    FieldReader reader(bytes);
    while (reader.next()) {
        if (!is_known(reader.field())) continue;
        const auto field = static_cast<EventField>(reader.field());
        if (reader.type() != expected_type(field)) return wrong_type(reader.field());
        ANNALS_TRY(const bool is_common, read_common_field(reader, event));
        if (is_common) continue;
        if (field == EventField::kPosition) event.position = Position(reader.number());
        if (field == EventField::kRevision) event.revision = Revision(reader.number());
        if (field == EventField::kRecordedTime) {
            event.recorded_time = TimeNs(static_cast<std::int64_t>(reader.number()));
        }
    }
    if (!reader.ok()) return damaged("a field");
    return ok();
}

Status decode_new_event(std::string_view bytes, NewEvent& event) {
    FieldReader reader(bytes);
    while (reader.next()) {
        if (!is_known(reader.field())) continue;
        if (reader.type() != expected_type(static_cast<EventField>(reader.field())))
            return wrong_type(reader.field());
        ANNALS_TRY(const bool is_common, read_common_field(reader, event));
        if (!is_common) {
            return Error(
                       ErrorCode::kInvalidArgument,
                       "position, revision and recorded time are given by the server; leave "
                       "field " +
                           std::to_string(reader.field()) + " out"
            )
                .with("field", std::to_string(reader.field()));
        }
    }
    if (!reader.ok()) return damaged("a field");
    return ok();
}

std::uint64_t fingerprint(const NewEvent& event) {
    boost::container::small_vector<std::string_view, 8> tags(event.tags.begin(), event.tags.end());
    std::sort(tags.begin(), tags.end());
    boost::container::small_vector<std::uint64_t, 16> parts;
    parts.push_back(codec::hash64(event.type));
    const bool is_default_type = event.content_type.empty();
    parts.push_back(codec::hash64(is_default_type ? kDefaultContentType : event.content_type));
    parts.push_back(codec::hash64(event.data));
    parts.push_back(codec::hash64(event.metadata));
    for (const std::string_view tag : tags) parts.push_back(codec::hash64(tag));
    return codec::hash64(
        {reinterpret_cast<const char*>(parts.data()), parts.size() * sizeof(std::uint64_t)}
    );
}

}  // namespace annals::model
