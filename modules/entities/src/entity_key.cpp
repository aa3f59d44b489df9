// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/entities/entity_key.hpp"

#include "annals/codec/text.hpp"
#include "annals/model/refusals.hpp"

namespace annals::entities {
namespace {

Status check_text(std::string_view text, std::size_t bytes_max, std::string_view field) {
    if (text.empty()) return model::refused(field, text, "it must have at least one character");
    if (text.size() > bytes_max) return model::too_large(field, text.size(), bytes_max, "bytes");
    if (!codec::is_utf8(text)) return model::refused(field, text, "it must be UTF-8");
    if (codec::has_control_character(text)) {
        return model::refused(field, text, "it must not have control characters");
    }
    return ok();
}

void percent_encode(std::string& out, std::string_view bytes) {
    for (const char& byte : bytes) out.append("%").append(codec::hex({&byte, 1}));
}

/// A code point of C1, which is two bytes in UTF-8, at the front of the text.
bool begins_with_c1(std::string_view text) {
    return text.size() >= 2 && text[0] == '\xC2' && static_cast<unsigned char>(text[1]) < 0xA0u;
}

}  // namespace

Status check_type(std::string_view type) { return check_text(type, kTypeBytesMax, "type"); }

Status check_id(std::string_view id, std::string_view field) {
    return check_text(id, kIdBytesMax, field);
}

Status check_key(const EntityKey& key) {
    ANNALS_CHECK(check_type(key.type));
    return check_id(key.id, "id");
}

std::string encode_type(std::string_view type) {
    std::string out;
    for (std::size_t i = 0; i < type.size(); ++i) {
        const char c = type[i];
        const bool is_control = static_cast<unsigned char>(c) < 0x20u || c == 0x7F;
        if (begins_with_c1(type.substr(i))) {
            percent_encode(out, type.substr(i, 2));
            ++i;
        } else if (c == '-' || c == '%' || is_control || (c == '$' && i == 0)) {
            percent_encode(out, type.substr(i, 1));
        } else {
            out.push_back(c);
        }
    }
    return out;
}

std::string stream_of(const EntityKey& key) { return encode_type(key.type) + "-" + key.id; }

std::string_view id_of_stream(std::string_view stream) {
    const std::size_t dash = stream.find('-');
    return dash == std::string_view::npos ? stream : stream.substr(dash + 1);
}

}  // namespace annals::entities
