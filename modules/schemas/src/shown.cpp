// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "shown.hpp"

#include <algorithm>
#include <utility>

#include "annals/documents/document_text.hpp"

namespace annals::schemas {
namespace {

constexpr std::size_t kShownBytes = 64;

}  // namespace

std::string cut(std::string text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) return text;
    std::size_t end = bytes_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0u) == 0x80u) --end;
    text.resize(end);
    return text.append("...");
}

std::string shown(const documents::Value& value) {
    // Large ones are not written out only to be cut.
    if (value.is_array() && value.array().size() > kShownBytes) {
        return "an array of " + std::to_string(value.array().size());
    }
    if (value.is_object() && value.object().size() > kShownBytes) {
        return "an object of " + std::to_string(value.object().size());
    }
    return cut(documents::to_text(value), kShownBytes);
}

std::string told(const std::vector<std::string>& texts, bool has_more) {
    constexpr std::size_t kToldMax = 3;
    std::string message;
    for (std::size_t i = 0; i < std::min(texts.size(), kToldMax); ++i) {
        if (i > 0) message.append("; ");
        message.append(texts[i]);
    }
    if (texts.size() <= kToldMax) return message;
    message.append("; and ").append(std::to_string(texts.size() - kToldMax));
    return message.append(has_more ? " or more others" : " more");
}

}  // namespace annals::schemas
