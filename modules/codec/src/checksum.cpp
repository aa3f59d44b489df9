// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
// The plain functions: those behind EVP look their algorithm up and allocate for each digest, which
// for a leaf of a few hundred bytes costs more than the digest (measured: a third of sealing).
#define OPENSSL_SUPPRESS_DEPRECATED  // NOLINT(readability-identifier-naming): OpenSSL's name
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
    SHA256_CTX state;
    SHA256_Init(&state);
    SHA256_Update(&state, bytes.data(), bytes.size());
    SHA256_Final(digest.data(), &state);
    return digest;
}

Sha256 sha256_pair(std::string_view left, std::string_view right) {
    std::string both;
    both.reserve(left.size() + right.size());
    both.append(left).append(right);
    return sha256(both);
}

}  // namespace annals::codec
