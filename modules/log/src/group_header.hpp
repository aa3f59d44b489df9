// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "annals/base/named_type.hpp"
#include "annals/base/uuid.hpp"

namespace annals::log::detail {

/// Rounded up to the next multiple of 8.
[[nodiscard]] constexpr std::size_t aligned(std::size_t bytes) {
    return (bytes + 7u) & ~std::size_t{7};
}

enum GroupFlags : std::uint16_t {
    kGroupMark = 1,        ///< no events; says how far the log is durable
    kGroupCompressed = 2,  ///< body is a compressed body
    kGroupEncrypted = 4,   ///< reserved
    kGroupScavenged = 8,   ///< events of it were removed: its header is not the first one
    kGroupMerged = 16,     ///< one removed range stands for several groups, up to this number
};

/// 96 bytes before each group's body (docs/formats/log.md).
struct GroupHeader {
    static constexpr std::size_t kBytes = 96;
    static constexpr std::uint32_t kMagic = 0x50524741;  // "AGRP"

    std::uint32_t crc = 0;  ///< of the header itself, from the salt on
    std::uint64_t salt = 0;
    std::uint32_t previous_crc = 0;
    std::uint32_t body_crc = 0;
    std::uint32_t stored_bytes = 0;
    std::uint32_t raw_bytes = 0;
    Position first_position;
    std::uint32_t event_count = 0;
    std::uint16_t append_count = 0;
    std::uint16_t flags = 0;
    std::uint64_t number = 0;
    std::uint64_t durable_number = 0;
    std::int64_t kafka_offset = -1;
    std::uint64_t chain = 0;  ///< after the group
    std::uint32_t key_id = 0;
    std::uint32_t first_crc = 0;  ///< of its header before it was scavenged; 0: it never was
    TimeNs recorded_time;

    [[nodiscard]] bool is_mark() const { return (flags & kGroupMark) != 0; }
    [[nodiscard]] bool is_compressed() const { return (flags & kGroupCompressed) != 0; }
    [[nodiscard]] bool is_scavenged() const { return (flags & kGroupScavenged) != 0; }
    [[nodiscard]] bool is_merged() const { return (flags & kGroupMerged) != 0; }
    /// The checksum that the next group and the next segment link to: the header's as it was
    /// written first.
    [[nodiscard]] std::uint32_t link_crc() const { return is_scavenged() ? first_crc : crc; }
    /// Header, body and padding.
    [[nodiscard]] std::size_t total_bytes() const { return kBytes + aligned(stored_bytes); }
};

/// Writes kBytes to `at` and sets header.crc.
void encode_group_header(GroupHeader& header, char* at);
/// Nothing unless the bytes begin with a whole group header.
[[nodiscard]] std::optional<GroupHeader> decode_group_header(std::string_view bytes);

/// A salt of this opening of the log: half random, half derived from that and the log's secret id,
/// so that bytes of another log, or of a user, do not pass for a group of this one.
[[nodiscard]] std::uint64_t make_salt(const Uuid& log_id);
/// The one with the given random half.
[[nodiscard]] std::uint64_t salt_from(std::uint32_t random, const Uuid& log_id);
[[nodiscard]] bool is_salt_of(std::uint64_t salt, const Uuid& log_id);

}  // namespace annals::log::detail
