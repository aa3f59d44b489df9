// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "segment_footer.hpp"

#include <bit>
#include <cstring>

#include "annals/codec/checksum.hpp"
#include "annals/codec/wire.hpp"

#include "group_header.hpp"
#include "segment_header.hpp"

namespace annals::log::detail {
namespace {

constexpr std::string_view kFooterMagic = "ANNALFTR";
constexpr std::string_view kTrailerMagic = "ANNALEND";
constexpr std::size_t kFixedBytes = 128;
constexpr std::size_t kRootBytes = 40;
constexpr std::size_t kPeakBytes = 32;
constexpr std::uint32_t kHasTree = 1;

std::string_view view(const codec::Sha256& hash) {
    return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

codec::Sha256 load_hash(const char* at) {
    codec::Sha256 hash{};
    std::memcpy(hash.data(), at, hash.size());
    return hash;
}

}  // namespace

std::string encode_segment_footer(
    SegmentFooter& footer, std::uint64_t groups_end, const std::vector<std::uint32_t>& table
) {
    footer.footer_offset = groups_end;
    std::string out;
    out.append(kFooterMagic);
    codec::append_fixed(out, kFormatVersion);
    codec::append_fixed(out, footer.has_tree ? kHasTree : 0u);
    codec::append_fixed(out, footer.sequence);
    codec::append_fixed(out, footer.first_position.value);
    codec::append_fixed(out, footer.events);
    codec::append_fixed(out, footer.groups);
    codec::append_fixed(out, footer.appends);
    codec::append_fixed(out, footer.first_time.value);
    codec::append_fixed(out, footer.last_time.value);
    codec::append_fixed(out, footer.chain);
    codec::append_fixed(out, footer.last_group);
    codec::append_fixed(out, footer.last_group_crc);
    codec::append_fixed(out, static_cast<std::uint32_t>(footer.roots.size()));
    codec::append_fixed(out, footer.frontier.leaves);
    codec::append_fixed(out, footer.removed_events);
    codec::append_fixed(out, footer.scavenged_time.value);
    codec::append_fixed(out, footer.folded_events);
    out.resize(kFixedBytes, '\0');
    for (const TreeRoot& root : footer.roots) {
        codec::append_fixed(out, root.block);
        out.append(view(root.root));
    }
    for (const codec::Sha256& peak : footer.frontier.peaks) out.append(view(peak));
    const std::uint64_t footer_bytes = out.size();
    const std::uint32_t footer_crc = codec::crc32c(out);

    footer.table_offset = groups_end + footer_bytes;
    const std::string_view entries(reinterpret_cast<const char*>(table.data()), table.size() * 4);
    footer.table_crc = codec::crc32c(entries);
    out.append(entries);
    out.resize(aligned(out.size()), '\0');
    footer.file_bytes = groups_end + out.size() + SegmentFooter::kTrailerBytes;

    const std::size_t trailer_at = out.size();
    out.append(kTrailerMagic);
    codec::append_fixed(out, groups_end);
    codec::append_fixed(out, footer_bytes);
    codec::append_fixed(out, footer_crc);
    codec::append_fixed(out, footer.table_crc);
    codec::append_fixed(out, footer.file_bytes);
    codec::append_fixed(out, footer.sequence);
    out.resize(trailer_at + SegmentFooter::kTrailerBytes - 4, '\0');
    codec::append_fixed(out, codec::crc32c(std::string_view(out).substr(trailer_at)));
    return out;
}

Result<std::optional<SegmentFooter>> read_segment_footer(const File& file) {
    using None = std::optional<SegmentFooter>;
    ANNALS_TRY(const std::uint64_t file_bytes, file.size());
    if (file_bytes < SegmentHeader::kBytes + kFixedBytes + SegmentFooter::kTrailerBytes)
        return None();
    const std::uint64_t trailer_at = file_bytes - SegmentFooter::kTrailerBytes;
    ANNALS_TRY(const std::string trailer, file.read_at(trailer_at, SegmentFooter::kTrailerBytes));
    if (trailer.size() != SegmentFooter::kTrailerBytes || !trailer.starts_with(kTrailerMagic) ||
        codec::crc32c(std::string_view(trailer).substr(0, trailer.size() - 4)) !=
            codec::load<std::uint32_t>(trailer.data() + trailer.size() - 4)) {
        return None();
    }
    SegmentFooter footer;
    footer.footer_offset = codec::load<std::uint64_t>(trailer.data() + 8);
    const auto footer_bytes = codec::load<std::uint64_t>(trailer.data() + 16);
    const auto footer_crc = codec::load<std::uint32_t>(trailer.data() + 24);
    footer.table_crc = codec::load<std::uint32_t>(trailer.data() + 28);
    footer.file_bytes = codec::load<std::uint64_t>(trailer.data() + 32);
    footer.sequence = codec::load<std::uint64_t>(trailer.data() + 40);
    if (footer.file_bytes != file_bytes || footer.footer_offset < SegmentHeader::kBytes ||
        footer.footer_offset > trailer_at || footer_bytes < kFixedBytes ||
        footer_bytes > trailer_at - footer.footer_offset || footer.footer_offset % 8 != 0) {
        return None();
    }
    ANNALS_TRY(const std::string bytes, file.read_at(footer.footer_offset, footer_bytes));
    if (bytes.size() != footer_bytes || !bytes.starts_with(kFooterMagic) ||
        codec::crc32c(bytes) != footer_crc) {
        return None();
    }
    const char* at = bytes.data();
    footer.has_tree = (codec::load<std::uint32_t>(at + 12) & kHasTree) != 0;
    footer.first_position = Position(codec::load<std::uint64_t>(at + 24));
    footer.events = codec::load<std::uint64_t>(at + 32);
    footer.groups = codec::load<std::uint64_t>(at + 40);
    footer.appends = codec::load<std::uint64_t>(at + 48);
    footer.first_time = TimeNs(codec::load<std::int64_t>(at + 56));
    footer.last_time = TimeNs(codec::load<std::int64_t>(at + 64));
    footer.chain = codec::load<std::uint64_t>(at + 72);
    footer.last_group = codec::load<std::uint64_t>(at + 80);
    footer.last_group_crc = codec::load<std::uint32_t>(at + 88);
    const auto root_count = codec::load<std::uint32_t>(at + 92);
    footer.frontier.leaves = codec::load<std::uint64_t>(at + 96);
    footer.removed_events = codec::load<std::uint64_t>(at + 104);
    footer.scavenged_time = TimeNs(codec::load<std::int64_t>(at + 112));
    footer.folded_events = codec::load<std::uint64_t>(at + 120);
    const auto peak_count = static_cast<std::uint64_t>(std::popcount(footer.frontier.leaves));
    footer.table_offset = footer.footer_offset + footer_bytes;
    if (footer.frontier.leaves >= kTreeBlock ||
        footer_bytes !=
            kFixedBytes + std::uint64_t{root_count} * kRootBytes + peak_count * kPeakBytes ||
        footer.events > (trailer_at - footer.table_offset) / 4) {
        return None();
    }
    at += kFixedBytes;
    for (std::uint32_t i = 0; i < root_count; ++i, at += kRootBytes) {
        footer.roots.push_back({codec::load<std::uint64_t>(at), load_hash(at + 8)});
    }
    for (std::uint64_t i = 0; i < peak_count; ++i, at += kPeakBytes) {
        footer.frontier.peaks.push_back(load_hash(at));
    }
    return None(std::move(footer));
}

}  // namespace annals::log::detail
