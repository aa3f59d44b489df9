// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
// Arbitrary bytes as a segment's groups, behind a whole header: opening, reading and verifying must
// neither crash nor read outside. The first byte chooses the options.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "annals/codec/checksum.hpp"
#include "annals/codec/wire.hpp"

#include "group_header.hpp"
#include "log_meta.hpp"
#include "recovery.hpp"
#include "removed_range.hpp"
#include "segment_header.hpp"

namespace {

namespace codec = annals::codec;
namespace detail = annals::log::detail;
using annals::Position;
using annals::TimeNs;
using annals::Uuid;
using annals::log::LogOptions;
using annals::log::LogReader;
using annals::log::make_memory_file_system;
using annals::log::RecoveryReport;
using annals::log::SegmentLog;

/// The checksum of a removed range with which the body begins.
void mend_range(char* body, std::size_t bytes) {
    if (bytes < detail::RemovedRange::kBytes ||
        body[4] != static_cast<char>(detail::RecordKind::kRemovedRange)) {
        return;
    }
    const std::size_t used = std::min<std::size_t>(codec::load<std::uint32_t>(body + 52), bytes);
    if (used < detail::RemovedRange::kBytes) return;
    constexpr std::size_t kCrcAt = 56;
    const std::uint32_t crc = codec::crc32c({body, kCrcAt});
    const std::string_view tables(
        body + detail::RemovedRange::kBytes, used - detail::RemovedRange::kBytes
    );
    codec::store(body + kCrcAt, codec::crc32c_extend(crc, tables));
}

/// Lets the bytes pass for groups of this log: the right salt and right checksums, so that fuzzing
/// gets inside.
void mend(std::string& bytes, const Uuid& log_id) {
    static const std::uint64_t salt = detail::make_salt(log_id);
    std::size_t at = 0;
    std::uint32_t previous = 0;
    while (at + detail::GroupHeader::kBytes <= bytes.size()) {
        char* header = bytes.data() + at;
        codec::store(header, detail::GroupHeader::kMagic);
        codec::store(header + 8, salt);
        codec::store(header + 16, previous);
        const std::size_t room = bytes.size() - at - detail::GroupHeader::kBytes;
        const auto stored = static_cast<std::uint32_t>(
            std::min<std::size_t>(room, codec::load<std::uint16_t>(header + 24))
        );
        codec::store(header + 24, stored);
        mend_range(header + detail::GroupHeader::kBytes, stored);
        const std::string_view body(header + detail::GroupHeader::kBytes, stored);
        codec::store(header + 20, codec::crc32c(body));
        previous = codec::crc32c({header + 8, detail::GroupHeader::kBytes - 8});
        codec::store(header + 4, previous);
        at += detail::GroupHeader::kBytes + detail::aligned(stored);
    }
}

void read_everything(SegmentLog& log) {
    LogReader reader = log.reader();
    const std::uint64_t end = std::min<std::uint64_t>(log.durable_end().value, 1000);
    for (std::uint64_t p = 1; p <= end; ++p) {
        const auto event = reader.at(Position(p));
        if (!event) continue;
        static_cast<void>(reader.append_of(*event));
        static_cast<void>(log.chain_at(Position(p)));
    }
    static_cast<void>(log.find_time(TimeNs(12345)));
    static_cast<void>(log.info());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::uint8_t choice = data[0];
    std::string bytes(reinterpret_cast<const char*>(data + 1), size - 1);
    const auto files = make_memory_file_system();
    detail::LogMeta meta;
    meta.identity.log_id.bytes[0] = 7;
    static_cast<void>(files->create_directories("log"));
    static_cast<void>(
        detail::write_file_durably(*files, "log", "LOG", detail::encode_log_meta(meta))
    );
    if ((choice & 1u) != 0) mend(bytes, meta.identity.log_id);
    detail::SegmentHeader header;
    header.log_id = meta.identity.log_id;
    if ((choice & 16u) != 0)
        header.required_flags = detail::kSegmentHasStubs | detail::kSegmentHasRanges;
    static_cast<void>(detail::create_segment_file(*files, "log", header, bytes, 0));
    if ((choice & 2u) != 0) {
        header.sequence = 2;
        header.first_position = Position(40);
        header.last_group = 3;
        static_cast<void>(detail::create_segment_file(*files, "log", header, {}, 0));
    }
    // Footers are not believed then: the segments that are named, or all of them.
    if ((choice & 32u) != 0) {
        static_cast<void>(
            detail::write_damaged_segments(*files, "log", {detail::segment_name(Position(1))})
        );
    }
    if ((choice & 64u) != 0) {
        static_cast<void>(detail::write_file_durably(
            *files, "log", std::string(detail::kDamagedName), bytes.substr(0, 64)
        ));
    }
    static_cast<void>(verify_log(*files, "log", {}));
    LogOptions options;
    options.segment_bytes = 1u << 16u;
    options.fill_bytes_min = 1u << 12u;
    options.accept_damage = (choice & 4u) != 0;
    options.is_read_only = (choice & 8u) != 0;
    RecoveryReport report;
    auto log = SegmentLog::open(*files, "log", options, report);
    if (log) {
        read_everything(**log);
        (*log)->wait_for_background();
        read_everything(**log);
    }
    return 0;
}
