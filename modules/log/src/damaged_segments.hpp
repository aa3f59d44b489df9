// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "annals/base/result.hpp"
#include "annals/log/file_system.hpp"

namespace annals::log::detail {

/// The file `DAMAGED`: names of segments in which damage was found, so that the next opening looks
/// at all of them again instead of believing their footers or CLEAN. A segment that was restored
/// leaves it.
inline constexpr std::string_view kDamagedName = "DAMAGED";

using SegmentNames = std::set<std::string>;

/// One name a line.
std::string encode_damaged_segments(const SegmentNames& names);
/// Nothing where a line is no segment's name: then no segment is to be believed.
std::optional<SegmentNames> decode_damaged_segments(std::string_view bytes);

/// Replaces the file of the folder, or takes it away where there are no names; durable.
Status write_damaged_segments(
    FileSystem& files, const std::string& directory, const SegmentNames& names
);

}  // namespace annals::log::detail
