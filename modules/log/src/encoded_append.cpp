// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/log/encoded_append.hpp"

#include <array>

#include "annals/base/assert.hpp"
#include "annals/base/random.hpp"
#include "annals/codec/checksum.hpp"
#include "annals/codec/wire.hpp"

#include "append_record.hpp"
#include "event_frame.hpp"
#include "group_header.hpp"

namespace annals::log {
namespace {

using detail::EventFrame;

using Salt = std::array<std::uint8_t, EventFrame::kSaltBytes>;

/// Appends the record of one event; position, revision, time, checksum and chain are stamped by the
/// writer.
void encode_event_record(
    std::string& out, const model::NewEvent& event, const Uuid& id, const Salt& salt
) {
    const std::size_t start = out.size();
    out.append(EventFrame::kBytes, '\0');
    model::encode_envelope(out, event, id);
    const std::size_t payload_at = out.size();
    out.append(reinterpret_cast<const char*>(salt.data()), salt.size());
    model::encode_payload(out, event);
    const std::size_t end = out.size();
    out.append(detail::aligned(end - start) - (end - start), '\0');

    char* at = out.data() + start;
    const std::string_view envelope(
        at + EventFrame::kBytes, payload_at - start - EventFrame::kBytes
    );
    const std::string_view payload(out.data() + payload_at, end - payload_at);
    codec::store(at, static_cast<std::uint32_t>(out.size() - start));
    at[4] = static_cast<char>(detail::RecordKind::kEvent);
    codec::store(at + 32, static_cast<std::uint32_t>(envelope.size()));
    codec::store(at + 36, static_cast<std::uint32_t>(payload.size()));
    codec::store(at + 40, codec::crc32c(envelope));
    codec::store(at + 44, codec::crc32c(payload));
}

}  // namespace

void EncodedAppend::encode(
    const AppendHeader& header, std::span<const model::NewEvent> events, std::span<const Uuid> ids
) {
    encode(header, events, ids, {});
}

void EncodedAppend::encode(
    const AppendHeader& header,
    std::span<const model::NewEvent> events,
    std::span<const Uuid> ids,
    std::span<const std::uint8_t> salts
) {
    ANNALS_ASSERT(events.size() == ids.size(), "every event of an append has an id");
    bytes_.clear();
    frame_offsets_.clear();
    frame_offsets_.reserve(events.size());
    detail::encode_append_record(bytes_, header, static_cast<std::uint32_t>(events.size()));
    for (std::size_t i = 0; i < events.size(); ++i) {
        Salt salt;
        if (salts.empty()) {
            fill_random(salt);
        } else {
            std::copy_n(
                salts.begin() + static_cast<std::ptrdiff_t>(i * salt.size()),
                salt.size(),
                salt.begin()
            );
        }
        const auto offset = static_cast<std::uint32_t>(bytes_.size());
        encode_event_record(bytes_, events[i], ids[i], salt);
        codec::store(bytes_.data() + offset + 48, offset);
        codec::store(bytes_.data() + offset + 52, static_cast<std::uint32_t>(i));
        frame_offsets_.push_back(offset);
    }
}

std::string_view EncodedAppend::envelope(std::size_t event) const {
    const char* at = bytes_.data() + frame_offsets_[event];
    return {at + EventFrame::kBytes, codec::load<std::uint32_t>(at + 32)};
}

std::string_view EncodedAppend::payload(std::size_t event) const {
    const char* at = bytes_.data() + frame_offsets_[event];
    const std::size_t payload_at = EventFrame::kBytes + codec::load<std::uint32_t>(at + 32);
    const std::size_t payload_bytes = codec::load<std::uint32_t>(at + 36);
    return std::string_view(at + payload_at, payload_bytes).substr(EventFrame::kSaltBytes);
}

}  // namespace annals::log
