// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/container/small_vector.hpp>

#include "annals/base/named_type.hpp"
#include "annals/base/result.hpp"
#include "annals/base/uuid.hpp"

namespace annals::model {

/// When something happened as its source says, with the source's offset from UTC so that local time
/// survives.
struct ValidTime {
    TimeNs at;
    std::int32_t offset_minutes = 0;
    auto operator<=>(const ValidTime&) const = default;
};

/// A reserved field of a foreign dialect, e.g. {"eskit.version", "001"}.
struct DialectField {
    std::string_view name;
    std::string_view value;
    bool operator==(const DialectField&) const = default;
};

/// One event that a client proposes. Views: whoever makes it keeps the bytes alive.
/// An empty content type means application/json; a nil id asks for one (UUIDv7) from the server.
struct NewEvent {
    std::string_view stream;  ///< may be empty where the append names a stream for all
    Uuid id;
    std::string_view type;
    std::string_view content_type;
    std::optional<ValidTime> valid_time;
    std::uint32_t schema_id = 0;
    std::string_view actor;
    std::string_view correlation_id;
    std::string_view causation_id;
    std::string_view traceparent;
    std::string_view tracestate;
    boost::container::small_vector<std::string_view, 4> tags;  ///< `key:value`
    boost::container::small_vector<DialectField, 1> dialect;
    std::string_view metadata;  ///< the user's, opaque
    std::string_view data;      ///< opaque
};

/// One stored event. Views into a batch or a mapped segment.
struct RecordedEvent : NewEvent {
    Position position;
    Revision revision;
    TimeNs recorded_time;
};

/// Field numbers of annals.v1.NewEvent and annals.v1.RecordedEvent, which are also those of the
/// log's records: one encoding of an event, on disk and on the wire, so that a read copies bytes
/// (docs/adr/0004).
enum class EventField : std::uint32_t {
    kStream = 1,
    kId = 2,
    kType = 3,
    kContentType = 4,
    kValidTimeNs = 5,      ///< sfixed64
    kValidTimeOffset = 6,  ///< sint32, minutes; present exactly when the time is
    kSchemaId = 7,         ///< uint32
    kActor = 8,
    kCorrelationId = 9,
    kCausationId = 10,
    kTraceparent = 11,
    kTracestate = 12,
    kTag = 13,      ///< repeated
    kDialect = 14,  ///< repeated message {1 name, 2 value}
    kMetadata = 15,
    kData = 16,
    kPosition = 17,      ///< fixed64; only of recorded events, as the next two
    kRevision = 18,      ///< fixed64
    kRecordedTime = 19,  ///< sfixed64, ns
};

inline constexpr std::string_view kDefaultContentType = "application/json";

/// Appends fields 1 to 14 (the envelope) of the event in ascending order. `id` replaces the event's
/// own.
void encode_envelope(std::string& out, const NewEvent& event, const Uuid& id);
/// Appends fields 15 and 16 (the payload).
void encode_payload(std::string& out, const NewEvent& event);
/// Appends fields 17 to 19: always kStampBytes.
inline constexpr std::size_t kStampBytes = 30;
void encode_stamp(std::string& out, Position position, Revision revision, TimeNs recorded_time);
/// All of a NewEvent message, without tag and length.
void encode_new_event(std::string& out, const NewEvent& event);

/// Reads any of the fields 1 to 19 out of message bytes or of a part of them (envelope, payload);
/// later calls add to the same event. Unknown fields are skipped. Views point into `bytes`.
Status decode_event_fields(std::string_view bytes, RecordedEvent& event);
/// The same for a proposed event: fields 17 to 19 are refused by name.
Status decode_new_event(std::string_view bytes, NewEvent& event);

/// 64-bit fingerprint for idempotency (log-and-rules 2.2): type, content type, data, user's
/// metadata and the sorted tags; nothing else.
std::uint64_t fingerprint(const NewEvent& event);

}  // namespace annals::model
