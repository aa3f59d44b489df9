// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "event_frame.hpp"

#include <array>

#include "annals/codec/checksum.hpp"

#include "group_header.hpp"
#include "stub_record.hpp"

namespace annals::log::detail {

std::uint32_t frame_crc(const char* frame) {
    return codec::crc32c({frame + EventFrame::kCheckedFrom, EventFrame::kCheckedBytes});
}

std::uint16_t place_check(const char* frame, std::uint32_t crc) {
    std::array<char, 24> fields{};
    std::memcpy(fields.data(), frame, 6);            // record bytes, kind, flags
    std::memcpy(fields.data() + 8, frame + 48, 12);  // append_back, ordinal, chain bits
    std::memcpy(fields.data() + 20, &crc, 4);
    return static_cast<std::uint16_t>(codec::crc32c({fields.data(), fields.size()}));
}

std::size_t event_record_bytes(std::size_t envelope_bytes, std::size_t payload_bytes) {
    return aligned(EventFrame::kBytes + envelope_bytes + payload_bytes);
}

RecordShape record_shape(std::string_view bytes) {
    if (bytes.size() < 8) return {};
    const auto size = codec::load<std::uint32_t>(bytes.data());
    if (size < 8 || size % 8 != 0 || size > bytes.size()) return {};
    return {size, static_cast<RecordKind>(bytes[4])};
}

namespace {

/// What a stub has behind the frame.
void check_stub(std::string_view bytes, CheckedRecord& record) {
    const std::size_t envelope_at = StubRecord::envelope_at(record.frame.flags);
    if (bytes.size() < envelope_at || record.frame.record_bytes > bytes.size()) {
        record.fault = "the stub is cut short";
        return;
    }
    const char* at = bytes.data();
    const auto envelope_bytes = codec::load<std::uint32_t>(at + StubRecord::kEnvelopeBytesAt);
    if (aligned(envelope_at + envelope_bytes) != record.frame.record_bytes) {
        record.fault = "the stub's sizes contradict each other";
        return;
    }
    if (stub_crc(bytes, envelope_at + envelope_bytes) !=
        codec::load<std::uint32_t>(at + StubRecord::kCrcAt)) {
        record.fault = "the stub's checksum is wrong";
        return;
    }
    record.envelope = bytes.substr(envelope_at, envelope_bytes);
    record.fingerprint = codec::load<std::uint64_t>(at + StubRecord::kFingerprintAt);
    if (envelope_at == StubRecord::kBytes)
        record.removed_time = TimeNs(codec::load<std::int64_t>(at + StubRecord::kRemovedTimeAt));
}

}  // namespace

CheckedRecord check_event_record(std::string_view bytes) {
    CheckedRecord record;
    if (bytes.size() < EventFrame::kBytes) {
        record.fault = "the record is cut short";
        return record;
    }
    const char* at = bytes.data();
    const EventFrame frame = EventFrame::load(at);
    record.frame = frame;
    if (frame_crc(at) != frame.frame_crc) {
        record.fault = "the frame's checksum is wrong";
        return record;
    }
    if (place_check(at, frame.frame_crc) != frame.place_check) {
        record.fault = "the frame's place check is wrong";
        return record;
    }
    if (frame.kind == RecordKind::kStub) {
        check_stub(bytes, record);
        return record;
    }
    const std::size_t used = std::size_t{EventFrame::kBytes} + frame.envelope_bytes +
                             frame.payload_bytes;
    if (frame.kind != RecordKind::kEvent || aligned(used) != frame.record_bytes ||
        frame.record_bytes > bytes.size() || frame.payload_bytes < EventFrame::kSaltBytes) {
        record.fault = "the frame's sizes contradict each other";
        return record;
    }
    record.envelope = bytes.substr(EventFrame::kBytes, frame.envelope_bytes);
    record.salted_payload = bytes.substr(
        EventFrame::kBytes + frame.envelope_bytes, frame.payload_bytes
    );
    if (codec::crc32c(record.envelope) != frame.envelope_crc) {
        record.fault = "the envelope's checksum is wrong";
    } else if (codec::crc32c(record.salted_payload) != frame.payload_crc) {
        record.fault = "the payload's checksum is wrong";
    }
    return record;
}

}  // namespace annals::log::detail
