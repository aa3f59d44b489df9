// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "naming.hpp"

#include <array>

#include <openssl/sha.h>

#include "annals/codec/text.hpp"
#include "annals/model/limits.hpp"

namespace annals::dialect_eskit {
namespace {

constexpr std::string_view kHashed = "sha256.";

std::string sha256_hex(std::string_view text) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    ::SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
    return codec::hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

void percent_encode(std::string& out, std::string_view bytes) {
    for (const char& byte : bytes) out.append("%").append(codec::hex({&byte, 1}));
}

/// A code point of C1, which is two bytes in UTF-8, at the front of the text.
bool begins_with_c1(std::string_view text) {
    return text.size() >= 2 && text[0] == '\xC2' && static_cast<unsigned char>(text[1]) < 0xA0u;
}

std::string encoded_entity_type(std::string_view entity_type) {
    std::string out;
    for (std::size_t i = 0; i < entity_type.size(); ++i) {
        const char c = entity_type[i];
        const bool is_control = static_cast<unsigned char>(c) < 0x20u || c == 0x7F;
        if (begins_with_c1(entity_type.substr(i))) {
            percent_encode(out, entity_type.substr(i, 2));
            ++i;
        } else if (c == '-' || c == '%' || is_control || (c == '$' && i == 0)) {
            percent_encode(out, entity_type.substr(i, 1));
        } else {
            out.push_back(c);
        }
    }
    return out;
}

}  // namespace

std::string_view entity_type_of(std::string_view event_type) {
    const std::size_t dot = event_type.rfind('.');
    return dot == std::string_view::npos ? std::string_view() : event_type.substr(0, dot);
}

std::string_view event_name_of(std::string_view event_type) {
    const std::size_t dot = event_type.rfind('.');
    return dot == std::string_view::npos ? event_type : event_type.substr(dot + 1);
}

std::string key_of(std::string_view originator_id) {
    const bool is_plain = originator_id.size() <= kKeyBytesMax && !is_hashed(originator_id) &&
                          codec::is_utf8(originator_id) &&
                          !codec::has_control_character(originator_id);
    if (is_plain) return std::string(originator_id);
    return std::string(kHashed) + sha256_hex(originator_id);
}

bool is_hashed(std::string_view key) { return key.starts_with(kHashed); }

std::string originator_tag(std::string_view key) { return std::string(kOriginatorTag).append(key); }

std::string version_tag(std::string_view key, std::uint64_t version) {
    return std::string("eskit:").append(key).append("@").append(std::to_string(version));
}

std::string stream_name(std::string_view entity_type, std::string_view key) {
    std::string name = encoded_entity_type(entity_type);
    if (name.size() + 1 + key.size() > model::Limits::kStreamNameBytesMax) {
        name = std::string("%").append(kHashed).append(sha256_hex(entity_type));
    }
    return name.append("-").append(key);
}

std::string_view originator_of_stream(std::string_view stream) {
    const std::size_t dash = stream.find('-');
    return dash == std::string_view::npos ? stream : stream.substr(dash + 1);
}

}  // namespace annals::dialect_eskit
