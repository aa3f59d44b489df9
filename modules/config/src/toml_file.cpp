// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "toml_file.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>
#include <tuple>

#include "annals/config/toml.hpp"

namespace annals::config::detail {
namespace {

struct Found {
    FileEntry entry;
    std::uint32_t line = 0;
};

std::string joined(std::string_view prefix, std::string_view key) {
    if (prefix.empty()) return std::string(key);
    return std::string(prefix).append(".").append(key);
}

void collect(
    const toml::table& table,
    std::string_view prefix,
    const std::string& path,
    std::vector<Found>& found
) {
    for (const auto& [key, node] : table) {
        const std::string name = joined(prefix, key.str());
        if (const toml::table* inner = node.as_table()) {
            collect(*inner, name, path, found);
            continue;
        }
        const auto line = static_cast<std::uint32_t>(node.source().begin.line);
        FileEntry entry{name, "", path + ":" + std::to_string(line), true};
        if (const auto* text = node.as_string()) {
            entry.value = text->get();
        } else if (const auto* integer = node.as_integer()) {
            entry.value = std::to_string(integer->get());
        } else if (const auto* boolean = node.as_boolean()) {
            entry.value = boolean->get() ? "true" : "false";
        } else {
            entry.is_plain = false;
        }
        found.push_back({std::move(entry), line});
    }
}

Error file_error(const std::string& path, std::string_view what, std::string_view remedy) {
    std::string message("the settings file ");
    message.append(path).append(" ").append(what).append(": ").append(remedy);
    return Error(ErrorCode::kConfigInvalid, std::move(message))
        .with("key", "config")
        .with("value", path)
        .with("origin", path)
        .with("remedy", remedy);
}

Result<std::string> read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (!file.good() && !file.eof()) {
        const std::string why = std::generic_category().message(errno);
        return file_error(
            path, "cannot be read (" + why + ")", "check the path and its permissions"
        );
    }
    return text;
}

}  // namespace

Result<std::vector<FileEntry>> parse_toml(std::string_view text, const std::string& path) {
    std::vector<Found> found;
    try {
        const toml::table table = toml::parse(text, path);
        collect(table, "", path, found);
    } catch (const toml::parse_error& error) {
        const std::string line = std::to_string(error.source().begin.line);
        return file_error(path, "is not TOML at line " + line, std::string(error.description()));
    }
    std::sort(found.begin(), found.end(), [](const Found& a, const Found& b) {
        return std::tie(a.line, a.entry.key) < std::tie(b.line, b.entry.key);
    });
    std::vector<FileEntry> entries;
    entries.reserve(found.size());
    for (Found& one : found) entries.push_back(std::move(one.entry));
    return entries;
}

Result<std::vector<FileEntry>> read_toml_file(const std::string& path) {
    ANNALS_TRY(const std::string text, read_file(path));
    return parse_toml(text, path);
}

Result<std::string> read_secret_file(const std::string& path) {
    ANNALS_TRY(std::string text, read_file(path));
    if (text.ends_with('\n')) text.pop_back();
    if (text.ends_with('\r')) text.pop_back();
    return text;
}

}  // namespace annals::config::detail
