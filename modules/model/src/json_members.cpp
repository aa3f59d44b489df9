// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "json_members.hpp"

#include <nlohmann/json.hpp>

namespace annals::model {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(kSpace);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

/// Behind the string that begins at `at`. The text is valid JSON.
std::size_t after_string(std::string_view text, std::size_t at) {
    for (++at; text[at] != '"'; ++at) {
        if (text[at] == '\\') ++at;
    }
    return at + 1;
}

/// Place of the comma or brace that ends the member that begins at `at`.
std::size_t end_of_member(std::string_view text, std::size_t at) {
    int depth = 0;
    while (true) {
        const char c = text[at];
        if (c == '"') {
            at = after_string(text, at);
            continue;
        }
        if (depth == 0 && (c == ',' || c == '}')) return at;
        if (c == '{' || c == '[') ++depth;
        if (c == '}' || c == ']') --depth;
        ++at;
    }
}

}  // namespace

std::optional<std::vector<JsonMember>> json_members(std::string_view text) {
    text = trimmed(text);
    if (!text.starts_with('{') || !nlohmann::json::accept(text)) return std::nullopt;
    std::vector<JsonMember> members;
    for (std::size_t at = 1;;) {
        const std::size_t end = end_of_member(text, at);
        const std::string_view all = text.substr(at, end - at);
        const std::string_view member = trimmed(all);
        if (!member.empty()) {
            const std::size_t key_end = after_string(member, 0);
            const std::size_t colon = member.find(':', key_end);
            members.push_back({member.substr(0, key_end), trimmed(member.substr(colon + 1)), all});
        }
        if (text[end] == '}') return members;
        at = end + 1;
    }
}

}  // namespace annals::model
