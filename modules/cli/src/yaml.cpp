// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "yaml.hpp"

#include <cctype>
#include <string_view>

#include <nlohmann/json.hpp>

#include "json_text.hpp"

namespace annals::cli {
namespace {

using Json = nlohmann::ordered_json;

bool is_plain(std::string_view text) {
    if (text.empty() || !std::isalpha(static_cast<unsigned char>(text.front()))) return false;
    for (const char sign : text) {
        const bool is_word = std::isalnum(static_cast<unsigned char>(sign)) != 0;
        if (!is_word && sign != '-' && sign != '_' && sign != '.') return false;
    }
    constexpr std::string_view kReserved =
        " y n yes no true false on off null Y N Yes No True False On Off Null YES NO TRUE FALSE ON "
        "OFF NULL ";
    return kReserved.find(" " + std::string(text) + " ") == std::string_view::npos;
}

/// A JSON string is a YAML string in double quotes.
std::string scalar(const Json& value) {
    if (value.is_string() && is_plain(value.get_ref<const std::string&>())) {
        return value.get<std::string>();
    }
    return json_text(value);
}

std::string key_text(const std::string& key) { return scalar(Json(key)); }

void write(std::string& out, const Json& value, std::size_t indent);

void write_member(std::string& out, const Json& value, std::size_t indent) {
    if (value.is_structured() && !value.empty()) {
        out += '\n';
        write(out, value, indent + 2);
    } else {
        out += ' ' + scalar(value) + '\n';
    }
}

void write(std::string& out, const Json& value, std::size_t indent) {
    const std::string margin(indent, ' ');
    if (value.is_object() && !value.empty()) {
        for (const auto& [key, member] : value.items()) {
            out += margin + key_text(key) + ':';
            write_member(out, member, indent);
        }
    } else if (value.is_array() && !value.empty()) {
        for (const Json& item : value) {
            if (item.is_object() && !item.empty()) {
                std::string text;
                write(text, item, indent + 2);
                text.replace(indent, 1, "-");
                out += text;
            } else {
                out += margin + '-';
                write_member(out, item, indent);
            }
        }
    } else {
        out += margin + scalar(value) + '\n';
    }
}

}  // namespace

std::string to_yaml(const Json& value) {
    std::string out;
    write(out, value, 0);
    return out;
}

}  // namespace annals::cli
