// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "append_record.hpp"

#include "annals/codec/checksum.hpp"
#include "annals/codec/wire.hpp"

#include "event_frame.hpp"
#include "group_header.hpp"

namespace annals::log::detail {
namespace {

// Fields of the record, protobuf style.
enum Field : std::uint32_t {
    kPrincipal = 1,
    kTracking = 2,  // message {1 source, 2 consumer, 3 key, 4 position}
    kTrackingFingerprint = 3,
};

constexpr std::size_t kCrcAt = 20;

std::uint32_t record_crc(std::string_view record, std::uint32_t field_bytes) {
    const std::uint32_t crc = codec::crc32c(record.substr(0, kCrcAt));
    return codec::crc32c_extend(crc, record.substr(AppendRecord::kBytes, field_bytes));
}

}  // namespace

void encode_tracking_fields(std::string& out, const model::Tracking& tracking) {
    codec::FieldWriter fields(out);
    fields.bytes(1, tracking.source);
    fields.bytes(2, tracking.consumer);
    fields.bytes(3, tracking.key);
    fields.varint(4, tracking.position);
}

bool decode_tracking_fields(std::string_view bytes, model::Tracking& tracking) {
    codec::FieldReader fields(bytes);
    while (fields.next()) {
        switch (fields.field()) {
            case 1:
                tracking.source = fields.bytes();
                break;
            case 2:
                tracking.consumer = fields.bytes();
                break;
            case 3:
                tracking.key = fields.bytes();
                break;
            case 4:
                tracking.position = fields.number();
                break;
            default:
                break;
        }
    }
    return fields.ok();
}

void encode_append_record(std::string& out, const AppendHeader& header, std::uint32_t event_count) {
    const std::size_t start = out.size();
    out.append(AppendRecord::kBytes, '\0');
    codec::FieldWriter fields(out);
    if (!header.principal.empty()) fields.bytes(kPrincipal, header.principal);
    if (header.tracking != nullptr) {
        std::string body;
        encode_tracking_fields(body, *header.tracking);
        fields.bytes(kTracking, body);
        fields.fixed64(kTrackingFingerprint, header.tracking_fingerprint);
    }
    const auto field_bytes = static_cast<std::uint32_t>(out.size() - start - AppendRecord::kBytes);
    out.append(aligned(out.size() - start) - (out.size() - start), '\0');
    char* at = out.data() + start;
    codec::store(at, static_cast<std::uint32_t>(out.size() - start));
    at[4] = static_cast<char>(RecordKind::kAppend);
    codec::store(at + 8, event_count);
    codec::store(at + 12, header.rules_version);
    codec::store(at + 16, field_bytes);
    codec::store(at + kCrcAt, record_crc({at, out.size() - start}, field_bytes));
}

void stamp_group_back(char* record, std::uint32_t group_back) {
    codec::store(record + AppendRecord::kGroupBackAt, group_back);
    codec::store(record + AppendRecord::kGroupBackAt + 4, ~group_back);
}

std::optional<AppendRecord> decode_append_record(std::string_view bytes) {
    const RecordShape shape = record_shape(bytes);
    if (shape.bytes < AppendRecord::kBytes || shape.kind != RecordKind::kAppend)
        return std::nullopt;
    const char* at = bytes.data();
    AppendRecord record;
    record.record_bytes = shape.bytes;
    record.event_count = codec::load<std::uint32_t>(at + 8);
    record.group_back = codec::load<std::uint32_t>(at + AppendRecord::kGroupBackAt);
    if (codec::load<std::uint32_t>(at + AppendRecord::kGroupBackAt + 4) != ~record.group_back) {
        return std::nullopt;
    }
    return record;
}

std::optional<StoredAppend> decode_stored_append(std::string_view bytes) {
    const std::optional<AppendRecord> record = decode_append_record(bytes);
    if (!record) return std::nullopt;
    bytes = bytes.substr(0, record->record_bytes);
    const auto field_bytes = codec::load<std::uint32_t>(bytes.data() + 16);
    if (field_bytes > bytes.size() - AppendRecord::kBytes) return std::nullopt;
    if (record_crc(bytes, field_bytes) != codec::load<std::uint32_t>(bytes.data() + kCrcAt)) {
        return std::nullopt;
    }
    StoredAppend append;
    append.rules_version = codec::load<std::uint32_t>(bytes.data() + 12);
    append.event_count = record->event_count;
    codec::FieldReader fields(bytes.substr(AppendRecord::kBytes, field_bytes));
    while (fields.next()) {
        if (fields.field() == kPrincipal) append.principal = fields.bytes();
        if (fields.field() == kTrackingFingerprint) append.tracking_fingerprint = fields.number();
        if (fields.field() == kTracking) {
            append.tracking.emplace();
            if (!decode_tracking_fields(fields.bytes(), *append.tracking)) return std::nullopt;
        }
    }
    if (!fields.ok()) return std::nullopt;
    return append;
}

}  // namespace annals::log::detail
