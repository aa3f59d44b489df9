// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "annals/base/result.hpp"
#include "annals/codec/checksum.hpp"

#include "event_frame.hpp"

namespace annals::log::detail {

/// What scavenging leaves of an event (docs/formats/log.md, log-and-rules 2.5): its frame as it
/// was, so that chain and tree go on, and what the commit rules and the index ask for (stream, id,
/// type, tags, fingerprint). Data, metadata, salt and all other fields are gone.
struct StubRecord {
    static constexpr std::size_t kHashAt = EventFrame::kBytes;  ///< SHA-256 of salt and payload
    static constexpr std::size_t kFingerprintAt = 96;
    static constexpr std::size_t kEnvelopeBytesAt = 104;
    static constexpr std::size_t kCrcAt = 108;  ///< of bytes 64–107 and the envelope
    static constexpr std::size_t kBytes = 112;  ///< where what is kept of the envelope begins
};

/// Checksum over what a stub has beside the frame. `record` begins with the stub.
[[nodiscard]] std::uint32_t stub_crc(std::string_view record, std::uint32_t envelope_bytes);

/// Appends the stub of a whole event record to `out`, zero-padded to 8; append_back is stamped
/// (with place check) by the caller. data_loss when the envelope cannot be decoded. Costs a SHA-256
/// of the payload.
Status encode_stub(std::string& out, const CheckedRecord& event);

/// Writes where the record's append lies, and the place check that covers it. Of events and stubs.
void stamp_append_back(char* record, std::uint32_t append_back);

}  // namespace annals::log::detail
