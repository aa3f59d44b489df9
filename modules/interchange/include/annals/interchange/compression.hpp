// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <string_view>

namespace annals::interchange {

/// How a file is packed; its name says so.
enum class Packing : std::uint8_t { kNone, kGzip, kZstd };

/// .gz, .zst, anything else.
Packing packing_of(std::string_view file_name);

}  // namespace annals::interchange
