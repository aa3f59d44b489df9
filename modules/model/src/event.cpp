// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/model/event.hpp"

#include <algorithm>
#include <array>
#include <cstring>

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

enum class Taken : std::uint8_t { kYes, kNo, kRefused };

/// Fields 1 to 16; kNo when the field is not among them, kRefused with `why`. Runs for each field
/// of each event that is read: no Result is made where nothing fails.
Taken take_common_field(const FieldReader& reader, NewEvent& event, Status& why) {
    switch (static_cast<EventField>(reader.field())) {
        case EventField::kStream:
            event.stream = reader.bytes();
            return Taken::kYes;
        case EventField::kId: {
            const std::optional<Uuid> id = Uuid::from_bytes(reader.bytes());
            if (!id) {
                why = Error(
                          ErrorCode::kInvalidArgument,
                          "an event id has 16 bytes, not " + std::to_string(reader.bytes().size())
                )
                          .with("field", "id");
                return Taken::kRefused;
            }
            event.id = *id;
            return Taken::kYes;
        }
        case EventField::kType:
            event.type = reader.bytes();
            return Taken::kYes;
        case EventField::kContentType:
            event.content_type = reader.bytes();
            return Taken::kYes;
        case EventField::kValidTimeNs:
            valid_time_of(event).at = TimeNs(static_cast<std::int64_t>(reader.number()));
            return Taken::kYes;
        case EventField::kValidTimeOffset:
            valid_time_of(event).offset_minutes = static_cast<std::int32_t>(
                codec::unzigzag(reader.number())
            );
            return Taken::kYes;
        case EventField::kSchemaId:
            event.schema_id = static_cast<std::uint32_t>(reader.number());
            return Taken::kYes;
        case EventField::kActor:
            event.actor = reader.bytes();
            return Taken::kYes;
        case EventField::kCorrelationId:
            event.correlation_id = reader.bytes();
            return Taken::kYes;
        case EventField::kCausationId:
            event.causation_id = reader.bytes();
            return Taken::kYes;
        case EventField::kTraceparent:
            event.traceparent = reader.bytes();
            return Taken::kYes;
        case EventField::kTracestate:
            event.tracestate = reader.bytes();
            return Taken::kYes;
        case EventField::kTag:
            event.tags.push_back(reader.bytes());
            return Taken::kYes;
        case EventField::kDialect:
            why = read_dialect(reader.bytes(), event);
            return why ? Taken::kYes : Taken::kRefused;
        case EventField::kMetadata:
            event.metadata = reader.bytes();
            return Taken::kYes;
        case EventField::kData:
            event.data = reader.bytes();
            return Taken::kYes;
        case EventField::kPosition:
        case EventField::kRevision:
        case EventField::kRecordedTime:
            break;
    }
    return Taken::kNo;
}

/// One of the stamp's three fields: a tag of two bytes and a number of eight.
void put_fixed64(
    std::array<char, kStampBytes>& stamp, std::size_t index, EventField field, std::uint64_t value
) {
    constexpr std::size_t kFieldBytes = kStampBytes / 3;
    const std::uint32_t tag = (number(field) << 3U) |
                              static_cast<std::uint32_t>(WireType::kFixed64);
    char* const at = stamp.data() + index * kFieldBytes;
    at[0] = static_cast<char>((tag & 0x7FU) | 0x80U);
    at[1] = static_cast<char>(tag >> 7U);
    codec::store(at + 2, value);
}

/// Of a field below 16 that has bytes: its tag, which is one byte.
constexpr std::uint8_t short_tag(EventField field) {
    return static_cast<std::uint8_t>((number(field) << 3U) | 2U);
}

/// Takes a field whose tag and length are one byte each; false: it is another one.
bool take_short_field(std::uint8_t tag, std::string_view value, RecordedEvent& event) {
    switch (tag) {
        case short_tag(EventField::kStream):
            event.stream = value;
            return true;
        case short_tag(EventField::kId):
            if (value.size() != event.id.bytes.size()) return false;
            std::memcpy(event.id.bytes.data(), value.data(), event.id.bytes.size());
            return true;
        case short_tag(EventField::kType):
            event.type = value;
            return true;
        case short_tag(EventField::kContentType):
            event.content_type = value;
            return true;
        case short_tag(EventField::kActor):
            event.actor = value;
            return true;
        case short_tag(EventField::kCorrelationId):
            event.correlation_id = value;
            return true;
        case short_tag(EventField::kCausationId):
            event.causation_id = value;
            return true;
        case short_tag(EventField::kTraceparent):
            event.traceparent = value;
            return true;
        case short_tag(EventField::kTracestate):
            event.tracestate = value;
            return true;
        case short_tag(EventField::kTag):
            event.tags.push_back(value);
            return true;
        case short_tag(EventField::kMetadata):
            event.metadata = value;
            return true;
        default:
            return false;
    }
}

/// Takes fields from the front as nearly all events have them, without the care that foreign bytes
/// need; how many bytes these were. What is damaged or rare is left to the careful reader: it sees
/// the rest, and both agree on what a field says.
std::size_t take_usual_fields(std::string_view bytes, RecordedEvent& event) {
    // second byte of the tags of the fields 16 to 31
    constexpr std::uint8_t kLongTag = 1;
    constexpr std::uint8_t kDataTag = 0x82;
    constexpr std::uint8_t kPositionTag = 0x89;
    constexpr std::uint8_t kRevisionTag = 0x91;
    constexpr std::uint8_t kTimeTag = 0x99;
    const auto byte_at = [&](std::size_t at) { return static_cast<std::uint8_t>(bytes[at]); };
    std::size_t at = 0;
    while (bytes.size() - at >= 3) {
        const std::uint8_t tag = byte_at(at);
        const std::uint8_t second = byte_at(at + 1);
        const std::size_t left = bytes.size() - at - 2;
        if (tag < 0x80) {
            if (second >= 0x80 || second > left) return at;
            if (!take_short_field(tag, bytes.substr(at + 2, second), event)) return at;
            at += 2U + second;
            continue;
        }
        if (second != kLongTag) return at;
        if (tag == kDataTag) {
            std::size_t size = byte_at(at + 2);
            std::size_t from = at + 3;
            if (size >= 0x80) {
                // up to 16 KiB; more is rare
                if (left < 2 || byte_at(from) >= 0x80) return at;
                size = (size & 0x7FU) | static_cast<std::size_t>(byte_at(from)) << 7U;
                ++from;
            }
            if (size > bytes.size() - from) return at;
            event.data = bytes.substr(from, size);
            at = from + size;
            continue;
        }
        if (left < sizeof(std::uint64_t)) return at;
        const auto value = codec::load<std::uint64_t>(bytes.data() + at + 2);
        if (tag == kPositionTag) {
            event.position = Position(value);
        } else if (tag == kRevisionTag) {
            event.revision = Revision(value);
        } else if (tag == kTimeTag) {
            event.recorded_time = TimeNs(static_cast<std::int64_t>(value));
        } else {
            return at;
        }
        at += 2 + sizeof(std::uint64_t);
    }
    return at;
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
    // The same tags and widths each time: a read of the log writes one for each event.
    std::array<char, kStampBytes> stamp;
    put_fixed64(stamp, 0, EventField::kPosition, position.value);
    put_fixed64(stamp, 1, EventField::kRevision, revision.value);
    put_fixed64(
        stamp, 2, EventField::kRecordedTime, static_cast<std::uint64_t>(recorded_time.value)
    );
    out.append(stamp.data(), stamp.size());
}

void encode_new_event(std::string& out, const NewEvent& event) {
    encode_envelope(out, event, event.id);
    encode_payload(out, event);
}

Status decode_event_fields(std::string_view bytes, RecordedEvent& event) {
    Status why = ok();
    FieldReader reader(bytes.substr(take_usual_fields(bytes, event)));
    while (reader.next()) {
        if (!is_known(reader.field())) continue;
        const auto field = static_cast<EventField>(reader.field());
        if (reader.type() != expected_type(field)) return wrong_type(reader.field());
        const Taken taken = take_common_field(reader, event, why);
        if (taken == Taken::kYes) continue;
        if (taken == Taken::kRefused) return why;
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
    Status why = ok();
    FieldReader reader(bytes);
    while (reader.next()) {
        if (!is_known(reader.field())) continue;
        if (reader.type() != expected_type(static_cast<EventField>(reader.field())))
            return wrong_type(reader.field());
        const Taken taken = take_common_field(reader, event, why);
        if (taken == Taken::kRefused) return why;
        if (taken == Taken::kNo) {
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
