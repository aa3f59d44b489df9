// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/codec/checksum.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include <isa-l/crc.h>
#include <openssl/sha.h>
#include <xxhash.h>

namespace annals::codec {

std::uint32_t crc32c(std::string_view bytes) { return crc32c_extend(0, bytes); }

std::uint32_t crc32c_extend(std::uint32_t crc, std::string_view bytes) {
    crc = ~crc;
    while (!bytes.empty()) {
        const std::size_t n = std::min<std::size_t>(bytes.size(), std::numeric_limits<int>::max());
        // The library's parameter lacks const; it only reads.
        auto* data = reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data()));  // NOLINT
        crc = ::crc32_iscsi(data, static_cast<int>(n), crc);
        bytes.remove_prefix(n);
    }
    return ~crc;
}

std::uint64_t hash64(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

Sha256 sha256(std::string_view bytes) {
    Sha256 digest{};
    SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
    return digest;
}

Sha256 sha256_pair(std::string_view left, std::string_view right) {
    std::string both;
    both.reserve(left.size() + right.size());
    both.append(left).append(right);
    return sha256(both);
}

}  // namespace annals::codec
