// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "annals/log/encoded_append.hpp"
#include "annals/log/segment_log.hpp"

namespace annals::log::detail {

/// The append's own record before its events: 32 fixed bytes, then fields (docs/formats/log.md).
struct AppendRecord {
    static constexpr std::size_t kBytes = 32;
    static constexpr std::size_t kGroupBackAt = 24;

    std::uint32_t record_bytes = 0;
    std::uint32_t event_count = 0;
    std::uint32_t group_back = 0;  ///< distance to the group's raw body
};

/// Appends the record to `out`, padded; group_back is stamped later.
void encode_append_record(std::string& out, const AppendHeader& header, std::uint32_t event_count);
/// Writes where the record stands in its group; the one field outside of its checksum has a check
/// of its own.
void stamp_group_back(char* record, std::uint32_t group_back);

/// Sizes alone, or nothing when the bytes do not begin with an append record.
[[nodiscard]] std::optional<AppendRecord> decode_append_record(std::string_view bytes);
/// All of it, checksum checked; nothing when damaged. event_ordinal is left to the caller.
[[nodiscard]] std::optional<StoredAppend> decode_stored_append(std::string_view bytes);

/// A tracking's fields (1 source, 2 consumer, 3 key, 4 position), without tag and length.
void encode_tracking_fields(std::string& out, const model::Tracking& tracking);
/// Views into `bytes`; false when they are not whole.
[[nodiscard]] bool decode_tracking_fields(std::string_view bytes, model::Tracking& tracking);

}  // namespace annals::log::detail
