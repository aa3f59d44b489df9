// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "samples/target.hpp"

#include <charconv>
#include <utility>

namespace samples {
namespace {

enum class Plus { kPlus, kBlank };

std::optional<std::string> decoded(std::string_view text, Plus plus) {
    std::string bytes;
    bytes.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        char byte = text[at];
        if (byte == '%') {
            if (text.size() - at < 3) return std::nullopt;
            unsigned char value = 0;
            const char* const digits = text.data() + at + 1;
            const auto [end, error] = std::from_chars(digits, digits + 2, value, 16);
            if (error != std::errc() || end != digits + 2) return std::nullopt;
            byte = static_cast<char>(value);
            at += 2;
        } else if (byte == '+' && plus == Plus::kBlank) {
            byte = ' ';
        }
        if (byte == '\0') return std::nullopt;
        bytes.push_back(byte);
    }
    return bytes;
}

}  // namespace

std::optional<Target> parse_target(std::string_view text) {
    if (!text.starts_with('/')) return std::nullopt;
    text = text.substr(0, text.find('#'));
    const std::size_t mark = text.find('?');
    Target target;
    auto path = decoded(text.substr(0, mark), Plus::kPlus);
    if (!path) return std::nullopt;
    target.path = std::move(*path);
    std::string_view rest = mark == std::string_view::npos ? "" : text.substr(mark + 1);
    while (!rest.empty()) {
        const std::size_t end = rest.find('&');
        const std::string_view pair = rest.substr(0, end);
        rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
        if (pair.empty()) continue;
        const std::size_t equals = pair.find('=');
        auto name = decoded(pair.substr(0, equals), Plus::kBlank);
        auto value = decoded(
            equals == std::string_view::npos ? "" : pair.substr(equals + 1), Plus::kBlank
        );
        if (!name || !value) return std::nullopt;
        if (!target.query.emplace(std::move(*name), std::move(*value)).second) return std::nullopt;
    }
    return target;
}

}  // namespace samples
