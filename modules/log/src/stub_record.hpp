// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "annals/base/result.hpp"
#include "annals/codec/checksum.hpp"
#include "annals/log/scavenging.hpp"

#include "event_frame.hpp"

namespace annals::log::detail {

/// What scavenging leaves of an event (docs/formats/log.md, log-and-rules 2.5): its frame as it
/// was, so that chain and tree go on, and what the commit rules and the index ask for (stream, id,
/// type, tags, fingerprint). Data, metadata, salt and all other fields are gone.
struct StubRecord {
    static constexpr std::size_t kHashAt = EventFrame::kBytes;  ///< SHA-256 of salt and payload
    static constexpr std::size_t kFingerprintAt = 96;
    static constexpr std::size_t kEnvelopeBytesAt = 104;
    static constexpr std::size_t kCrcAt = 108;  ///< of bytes 64–107 and what is behind 111
    static constexpr std::size_t kRemovedTimeAt = 112;
    static constexpr std::size_t kBytes = 120;  ///< where what is kept of the envelope begins

    /// Flag of the frame: it says when the event was removed. Stubs of the first scavenging do not.
    static constexpr std::uint8_t kHasRemovedTime = 1;
    [[nodiscard]] static constexpr std::size_t envelope_at(std::uint8_t flags) {
        return (flags & kHasRemovedTime) != 0 ? kBytes : kRemovedTimeAt;
    }
};

/// Checksum over what a stub of `bytes` bytes, padding not counted, has beside the frame.
[[nodiscard]] std::uint32_t stub_crc(std::string_view record, std::size_t bytes);

/// Appends the stub of a whole event record to `out`, zero-padded to 8; append_back is stamped
/// (with place check) by the caller. data_loss when the envelope cannot be decoded. Costs a SHA-256
/// of the payload.
Status encode_stub(std::string& out, const CheckedRecord& event, TimeNs removed_time);
/// The same with another fingerprint.
Status encode_stub(std::string& out, const CheckedRecord& event, const StubContent& content);
/// Appends a stub as it is, with a time when it had none.
void copy_stub(std::string& out, std::string_view stub, TimeNs removed_time);

/// Writes where the record's append lies, and the place check that covers it. Of events and stubs.
void stamp_append_back(char* record, std::uint32_t append_back);

}  // namespace annals::log::detail
