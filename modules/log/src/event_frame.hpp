// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <string_view>

#include "annals/base/named_type.hpp"
#include "annals/codec/wire.hpp"

namespace annals::log::detail {

enum class RecordKind : std::uint8_t {
    kEvent = 1,
    kAppend = 2,
    kStub = 3,          ///< what scavenging leaves of an event
    kRemovedRange = 4,  ///< what a logged cut leaves of many
};

/// The fixed 64 bytes of an event record (docs/formats/log.md), read and written in place. The
/// frame checksum covers what does not depend on the place on disk; the place check covers the
/// rest.
struct EventFrame {
    static constexpr std::size_t kBytes = 64;
    static constexpr std::size_t kSaltBytes = 16;
    static constexpr std::size_t kCheckedFrom = 8;  ///< position
    static constexpr std::size_t kCheckedBytes = 40;

    std::uint32_t record_bytes = 0;
    RecordKind kind = RecordKind::kEvent;
    std::uint8_t flags = 0;
    std::uint16_t place_check = 0;
    Position position;
    Revision revision;
    TimeNs recorded_time;
    std::uint32_t envelope_bytes = 0;
    std::uint32_t payload_bytes = 0;  ///< salt included
    std::uint32_t envelope_crc = 0;
    std::uint32_t payload_crc = 0;
    std::uint32_t append_back = 0;  ///< distance to the append record
    std::uint32_t ordinal = 0;      ///< in the append
    std::uint32_t chain_bits = 0;
    std::uint32_t frame_crc = 0;

    /// No check of any kind; `at` has kBytes.
    static EventFrame load(const char* at) {
        EventFrame frame;
        frame.record_bytes = codec::load<std::uint32_t>(at);
        frame.kind = static_cast<RecordKind>(at[4]);
        frame.flags = static_cast<std::uint8_t>(at[5]);
        frame.place_check = codec::load<std::uint16_t>(at + 6);
        frame.position = Position(codec::load<std::uint64_t>(at + 8));
        frame.revision = Revision(codec::load<std::uint64_t>(at + 16));
        frame.recorded_time = TimeNs(codec::load<std::int64_t>(at + 24));
        frame.envelope_bytes = codec::load<std::uint32_t>(at + 32);
        frame.payload_bytes = codec::load<std::uint32_t>(at + 36);
        frame.envelope_crc = codec::load<std::uint32_t>(at + 40);
        frame.payload_crc = codec::load<std::uint32_t>(at + 44);
        frame.append_back = codec::load<std::uint32_t>(at + 48);
        frame.ordinal = codec::load<std::uint32_t>(at + 52);
        frame.chain_bits = codec::load<std::uint32_t>(at + 56);
        frame.frame_crc = codec::load<std::uint32_t>(at + 60);
        return frame;
    }
};

/// Checksum over position to payload checksum.
[[nodiscard]] std::uint32_t frame_crc(const char* frame);
/// 16 bits over record bytes, kind, flags, append_back, ordinal and chain bits, begun with the
/// frame's checksum.
[[nodiscard]] std::uint16_t place_check(const char* frame, std::uint32_t crc);

/// Size of the record of an event, padding included.
[[nodiscard]] std::size_t event_record_bytes(std::size_t envelope_bytes, std::size_t payload_bytes);

/// An event record, or the stub of one, whose every checksum is right, or the reason why not.
struct CheckedRecord {
    const char* fault = nullptr;  ///< null: whole
    EventFrame frame;             ///< of a stub: but for sizes and place that of the removed event
    std::string_view envelope;    ///< of a stub: what is kept of it
    std::string_view salted_payload;  ///< empty in a stub
    std::uint64_t fingerprint = 0;    ///< of a stub
    TimeNs removed_time;              ///< of a stub; 0: it does not say
    [[nodiscard]] bool is_stub() const { return frame.kind == RecordKind::kStub; }

    [[nodiscard]] std::string_view payload() const {
        return is_stub() ? std::string_view() : salted_payload.substr(EventFrame::kSaltBytes);
    }
};
/// `bytes` begins with the record and may go on behind it.
[[nodiscard]] CheckedRecord check_event_record(std::string_view bytes);

/// What a record is: its size and kind, or nothing when it does not fit into the bytes.
struct RecordShape {
    std::uint32_t bytes = 0;
    RecordKind kind = RecordKind::kEvent;
};
[[nodiscard]] RecordShape record_shape(std::string_view bytes);

}  // namespace annals::log::detail
