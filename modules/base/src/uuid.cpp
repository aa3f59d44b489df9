// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/base/uuid.hpp"

#include <algorithm>
#include <cstring>

#include <openssl/evp.h>

#include "annals/base/assert.hpp"
#include "annals/base/random.hpp"

namespace annals {
namespace {

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

void set_version(Uuid& uuid, unsigned version) {
    uuid.bytes[6] = static_cast<std::uint8_t>((uuid.bytes[6] & 0x0Fu) | (version << 4u));
    uuid.bytes[8] = static_cast<std::uint8_t>((uuid.bytes[8] & 0x3Fu) | 0x80u);
}

/// Milliseconds and a 12-bit counter of one thread: rises strictly even when the clock stands or
/// falls.
std::uint64_t next_v7_stamp(const Clock& clock) {
    thread_local std::uint64_t last = 0;
    const auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(clock.now().value, 0)) /
                    1'000'000u;
    last = std::max(last + 1, ms << 12u);
    return last;
}

}  // namespace

bool Uuid::is_nil() const {
    return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; });
}

std::string_view Uuid::view() const {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::array<char, 36> Uuid::text() const {
    static constexpr char kHex[] = "0123456789abcdef";
    std::array<char, 36> text{};
    char* out = text.data();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) *out++ = '-';
        *out++ = kHex[bytes[i] >> 4u];
        *out++ = kHex[bytes[i] & 0x0Fu];
    }
    return text;
}

std::string Uuid::to_string() const {
    const std::array<char, 36> letters = text();
    return {letters.data(), letters.size()};
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
    if (text.size() != 36) return std::nullopt;
    Uuid uuid;
    std::size_t byte = 0;
    for (std::size_t i = 0; i < text.size();) {
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (text[i] != '-') return std::nullopt;
            ++i;
            continue;
        }
        const int high = hex_value(text[i]);
        const int low = hex_value(text[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        uuid.bytes[byte++] = static_cast<std::uint8_t>(high * 16 + low);
        i += 2;
    }
    return uuid;
}

std::optional<Uuid> Uuid::from_bytes(std::string_view raw) {
    if (raw.size() != 16) return std::nullopt;
    Uuid uuid;
    std::memcpy(uuid.bytes.data(), raw.data(), 16);
    return uuid;
}

Uuid make_uuid_v7(const Clock& clock) {
    Uuid uuid;
    fill_random(uuid.bytes);
    const std::uint64_t stamp = next_v7_stamp(clock);
    const std::uint64_t ms = stamp >> 12u;
    for (std::size_t i = 0; i < 6; ++i) {
        uuid.bytes[i] = static_cast<std::uint8_t>(ms >> (40u - 8u * i));
    }
    uuid.bytes[6] = static_cast<std::uint8_t>((stamp >> 8u) & 0x0Fu);
    uuid.bytes[7] = static_cast<std::uint8_t>(stamp & 0xFFu);
    set_version(uuid, 7);
    return uuid;
}

Uuid make_uuid_v4() {
    Uuid uuid;
    fill_random(uuid.bytes);
    set_version(uuid, 4);
    return uuid;
}

Uuid make_uuid_v5(const Uuid& name_space, std::string_view name) {
    std::string input(name_space.view());
    input.append(name);
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    const int done = EVP_Digest(
        input.data(), input.size(), digest.data(), &size, EVP_sha1(), nullptr
    );
    ANNALS_ASSERT(done == 1 && size >= 16, "SHA-1 is available");
    Uuid uuid;
    std::memcpy(uuid.bytes.data(), digest.data(), 16);
    set_version(uuid, 5);
    return uuid;
}

}  // namespace annals
