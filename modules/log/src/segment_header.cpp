// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "segment_header.hpp"

#include <algorithm>
#include <charconv>

#include "annals/codec/checksum.hpp"
#include "annals/codec/wire.hpp"

namespace annals::log::detail {
namespace {

constexpr std::string_view kMagic = "ANNALSEG";
constexpr std::size_t kHeaderCrcAt = SegmentHeader::kBytes - 4;
constexpr std::size_t kNameDigits = 20;
constexpr std::string_view kSuffix = ".seg";

}  // namespace

std::string encode_segment_header(const SegmentHeader& header) {
    std::string out;
    out.reserve(SegmentHeader::kBytes);
    out.append(kMagic);
    codec::append_fixed(out, kFormatVersion);
    codec::append_fixed(out, header.required_flags);
    codec::append_fixed(out, header.optional_flags);
    codec::append_fixed(out, header.incarnation);
    out.append(header.log_id.view());
    codec::append_fixed(out, header.sequence);
    codec::append_fixed(out, header.first_position.value);
    codec::append_fixed(out, header.chain);
    codec::append_fixed(out, header.last_time.value);
    codec::append_fixed(out, header.last_group);
    codec::append_fixed(out, header.last_group_crc);
    codec::append_fixed(out, header.key_id);
    out.resize(kHeaderCrcAt, '\0');
    codec::append_fixed(out, codec::crc32c(out));
    return out;
}

Result<SegmentHeader> decode_segment_header(std::string_view bytes, const std::string& path) {
    const auto damaged = [&](std::string_view what) {
        return Error(
                   ErrorCode::kDataLoss,
                   path + ": the segment's header at byte 0 " + std::string(what)
        )
            .with("segment", path)
            .with("offset", "0");
    };
    if (bytes.size() < SegmentHeader::kBytes) return damaged("is cut short");
    const char* at = bytes.data();
    if (bytes.substr(0, kMagic.size()) != kMagic) return damaged("does not begin with ANNALSEG");
    if (codec::crc32c(bytes.substr(0, kHeaderCrcAt)) !=
        codec::load<std::uint32_t>(at + kHeaderCrcAt)) {
        return damaged("has a wrong checksum");
    }
    const auto version = codec::load<std::uint32_t>(at + 8);
    SegmentHeader header;
    header.required_flags = codec::load<std::uint32_t>(at + 12);
    if (version != kFormatVersion || (header.required_flags & ~kKnownSegmentFlags) != 0) {
        return Error(
                   ErrorCode::kUnsupportedFormat,
                   path + " has format " + std::to_string(version) + " with required features " +
                       std::to_string(header.required_flags) + "; a newer annals wrote it"
        )
            .with("segment", path);
    }
    header.optional_flags = codec::load<std::uint32_t>(at + 16);
    header.incarnation = codec::load<std::uint32_t>(at + 20);
    header.log_id = *Uuid::from_bytes(bytes.substr(24, 16));
    header.sequence = codec::load<std::uint64_t>(at + 40);
    header.first_position = Position(codec::load<std::uint64_t>(at + 48));
    header.chain = codec::load<std::uint64_t>(at + 56);
    header.last_time = TimeNs(codec::load<std::int64_t>(at + 64));
    header.last_group = codec::load<std::uint64_t>(at + 72);
    header.last_group_crc = codec::load<std::uint32_t>(at + 80);
    header.key_id = codec::load<std::uint32_t>(at + 84);
    return header;
}

std::string segment_name(Position first_position) {
    const std::string digits = std::to_string(first_position.value);
    return std::string(kNameDigits - digits.size(), '0') + digits + std::string(kSuffix);
}

std::optional<Position> parse_segment_name(std::string_view name) {
    if (name.size() != kNameDigits + kSuffix.size() || !name.ends_with(kSuffix))
        return std::nullopt;
    const char* end = name.data() + kNameDigits;
    std::uint64_t number = 0;
    const auto [stopped_at, error] = std::from_chars(name.data(), end, number);
    if (error != std::errc() || stopped_at != end || number == 0) return std::nullopt;
    return Position(number);
}

}  // namespace annals::log::detail
