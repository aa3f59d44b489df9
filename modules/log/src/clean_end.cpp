// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "clean_end.hpp"

#include <cstring>

#include "annals/codec/checksum.hpp"
#include "annals/codec/wire.hpp"

namespace annals::log::detail {
namespace {

constexpr std::string_view kMagic = "ANNALCLN";
constexpr std::size_t kFixedBytes = 128;

}  // namespace

std::string encode_clean_end(const CleanEnd& clean, const Uuid& log_id) {
    std::string out(kMagic);
    codec::append_fixed(out, kFormatVersion);
    codec::append_fixed(out, static_cast<std::uint32_t>(clean.table.size()));
    out.append(log_id.view());
    codec::append_fixed(out, clean.sequence);
    codec::append_fixed(out, clean.groups_end);
    codec::append_fixed(out, clean.last_group_offset);
    codec::append_fixed(out, clean.groups);
    codec::append_fixed(out, clean.appends);
    codec::append_fixed(out, clean.first_time.value);
    codec::append_fixed(out, clean.state.last_position.value);
    codec::append_fixed(out, clean.state.last_time.value);
    codec::append_fixed(out, clean.state.chain);
    codec::append_fixed(out, clean.state.group);
    codec::append_fixed(out, clean.state.group_crc);
    out.resize(kFixedBytes, '\0');
    out.append(reinterpret_cast<const char*>(clean.table.data()), clean.table.size() * 4);
    codec::append_fixed(out, codec::crc32c(out));
    return out;
}

std::optional<CleanEnd> decode_clean_end(std::string_view bytes, const Uuid& log_id) {
    if (bytes.size() < kFixedBytes + 4 || !bytes.starts_with(kMagic)) return std::nullopt;
    const char* at = bytes.data();
    if (codec::crc32c(bytes.substr(0, bytes.size() - 4)) !=
            codec::load<std::uint32_t>(at + bytes.size() - 4) ||
        codec::load<std::uint32_t>(at + 8) != kFormatVersion ||
        bytes.substr(16, 16) != log_id.view()) {
        return std::nullopt;
    }
    const std::uint64_t entries = codec::load<std::uint32_t>(at + 12);
    if (bytes.size() != kFixedBytes + entries * 4 + 4) return std::nullopt;
    CleanEnd clean;
    clean.sequence = codec::load<std::uint64_t>(at + 32);
    clean.groups_end = codec::load<std::uint64_t>(at + 40);
    clean.last_group_offset = codec::load<std::uint64_t>(at + 48);
    clean.groups = codec::load<std::uint64_t>(at + 56);
    clean.appends = codec::load<std::uint64_t>(at + 64);
    clean.first_time = TimeNs(codec::load<std::int64_t>(at + 72));
    clean.state.last_position = Position(codec::load<std::uint64_t>(at + 80));
    clean.state.last_time = TimeNs(codec::load<std::int64_t>(at + 88));
    clean.state.chain = codec::load<std::uint64_t>(at + 96);
    clean.state.group = codec::load<std::uint64_t>(at + 104);
    clean.state.group_crc = codec::load<std::uint32_t>(at + 112);
    clean.table.resize(static_cast<std::size_t>(entries));
    if (entries != 0) std::memcpy(clean.table.data(), at + kFixedBytes, clean.table.size() * 4);
    return clean;
}

}  // namespace annals::log::detail
