// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "clean_end.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "annals/codec/checksum.hpp"
#include "annals/codec/wire.hpp"

#include "log_meta.hpp"
#include "segment_header.hpp"

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

Result<std::optional<Damage>> find_lost_end(
    FileSystem& files, const std::string& directory, const Uuid& log_id, const FoundEnd& found
) {
    const std::string path = directory + "/" + std::string(CleanEnd::kName);
    ANNALS_TRY(const bool is_there, files.exists(path));
    if (!is_there) return std::optional<Damage>();
    ANNALS_TRY(const std::string bytes, read_file(files, path));
    const std::optional<CleanEnd> clean = decode_clean_end(bytes, log_id);
    if (!clean || clean->state.last_position <= found.last_position) return std::optional<Damage>();
    Damage damage;
    const Position last = clean->state.last_position;
    const std::uint64_t places = std::min<std::uint64_t>(clean->table.size(), last.value);
    damage.segment = segment_name(Position(last.value + 1 - places));
    if (damage.segment == found.segment) damage.offset = found.groups_end;
    damage.first_position = found.last_position.next();
    damage.last_position = last;
    damage.what = "the end of the log is gone: it was closed in order with events up to position " +
                  std::to_string(last.value);
    return std::optional(std::move(damage));
}

}  // namespace annals::log::detail
