// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/model/names.hpp"

#include <algorithm>
#include <string>

#include "annals/codec/text.hpp"
#include "annals/model/limits.hpp"

namespace annals::model {
namespace {

Error bad_name(std::string_view field, std::string_view value, std::string_view rule) {
    std::string message(field);
    message.append(" \"").append(shown(value)).append("\" is not acceptable: ").append(rule);
    return Error(ErrorCode::kInvalidArgument, std::move(message))
        .with("field", field)
        .with("value", shown(value))
        .with("rule", rule);
}

Status check_text(std::string_view name, std::string_view field, std::size_t bytes_max) {
    if (name.empty()) return bad_name(field, name, "it must have at least one character");
    if (name.size() > bytes_max) {
        return bad_name(
            field, name, "it must have at most " + std::to_string(bytes_max) + " bytes"
        );
    }
    if (!codec::is_utf8(name)) return bad_name(field, name, "it must be UTF-8");
    if (codec::has_control_character(name)) {
        return bad_name(field, name, "it must not have control characters");
    }
    return ok();
}

}  // namespace

std::string_view category_of(std::string_view stream) {
    const std::size_t dash = stream.find('-');
    return dash == std::string_view::npos ? std::string_view() : stream.substr(0, dash);
}

Status check_stream_name(std::string_view name, std::string_view field) {
    return check_text(name, field, Limits::kStreamNameBytesMax);
}

Status check_type_name(std::string_view name, std::string_view field) {
    return check_text(name, field, Limits::kTypeBytesMax);
}

Status check_tag(std::string_view tag, std::string_view field) {
    ANNALS_CHECK(check_text(tag, field, Limits::kTagBytesMax));
    const std::size_t colon = tag.find(':');
    if (colon == std::string_view::npos || colon == 0 || colon + 1 == tag.size()) {
        return bad_name(field, tag, "a tag is written key:value");
    }
    return ok();
}

Status check_namespace_name(std::string_view name, std::string_view field) {
    if (name == "$system") return ok();
    const auto is_plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    const bool good = !name.empty() && name.size() <= 63 && is_plain(name.front()) &&
                      std::all_of(name.begin(), name.end(), [&](char c) {
                          return is_plain(c) || c == '-';
                      });
    if (!good) {
        return bad_name(field, name, "it must match [a-z0-9][a-z0-9-]{0,62}");
    }
    return ok();
}

Status check_user_stream_name(std::string_view name, std::string_view field) {
    ANNALS_CHECK(check_stream_name(name, field));
    if (is_system_name(name)) {
        return Error(
                   ErrorCode::kNotPermitted,
                   std::string(field) + " \"" + shown(name) +
                       "\" belongs to the server: choose a name without $"
        )
            .with("field", field)
            .with("value", shown(name));
    }
    return ok();
}

std::string shown(std::string_view text) {
    static constexpr std::size_t kShownBytesMax = 64;
    std::string out;
    const bool is_cut = text.size() > kShownBytesMax;
    if (is_cut) {
        std::size_t end = kShownBytesMax;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0u) == 0x80u) --end;
        text = text.substr(0, end);
    }
    if (!codec::is_utf8(text))
        return "0x" + codec::hex(text.substr(0, 16)) + (is_cut || text.size() > 16 ? "…" : "");
    for (const char c : text) {
        const bool is_control = static_cast<unsigned char>(c) < 0x20u || c == 0x7F;
        out.push_back(is_control ? '?' : c);
    }
    if (is_cut) out += "…";
    return out;
}

}  // namespace annals::model
