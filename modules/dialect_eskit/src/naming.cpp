// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "naming.hpp"

#include <array>

#include <openssl/sha.h>

#include "annals/codec/text.hpp"
#include "annals/entities/entity_key.hpp"
#include "annals/model/limits.hpp"

namespace annals::dialect_eskit {
namespace {

constexpr std::string_view kHashed = "sha256.";

std::string sha256_hex(std::string_view text) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    ::SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
    return codec::hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
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
    std::string name = entities::encode_type(entity_type);
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
