// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace annals::codec {

/// CRC-32C (Castagnoli, RFC 3720 B.4), start 0, as everybody else computes it: "123456789" gives
/// 0xE3069283. About 10 GB/s.
std::uint32_t crc32c(std::string_view bytes);

/// Goes on where an earlier call stopped: crc32c_extend(crc32c(a), b) == crc32c(a + b).
std::uint32_t crc32c_extend(std::uint32_t crc, std::string_view bytes);

/// XXH3, 64 bits, seed 0. For hash tables and short fingerprints that also lie on disk.
std::uint64_t hash64(std::string_view bytes);

using Sha256 = std::array<std::uint8_t, 32>;
/// FIPS 180-4; about 1.4 GB/s plus 0.2 µs a call.
Sha256 sha256(std::string_view bytes);
Sha256 sha256_pair(std::string_view left, std::string_view right);

}  // namespace annals::codec
