// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/interchange/csv_mapping.hpp"

#include <sstream>

#include "annals/config/toml.hpp"

namespace annals::interchange {
namespace {

Error at_line(std::string_view file, const toml::source_region& where, std::string_view what) {
    std::ostringstream text;
    text << file << ":" << where.begin.line << ": " << what;
    return Error(ErrorCode::kConfigInvalid, text.str());
}

/// The string member of that name, or null.
std::string* text_member(CsvMapping& mapping, std::string_view key) {
    if (key == "stream") return &mapping.stream;
    if (key == "stream_column") return &mapping.stream_column;
    if (key == "stream_prefix") return &mapping.stream_prefix;
    if (key == "type") return &mapping.type;
    if (key == "type_column") return &mapping.type_column;
    if (key == "time_column") return &mapping.time_column;
    if (key == "time_format") return &mapping.time_format;
    if (key == "time_zone") return &mapping.time_zone;
    if (key == "actor_column") return &mapping.actor_column;
    return nullptr;
}

std::vector<std::string>* list_member(CsvMapping& mapping, std::string_view key) {
    if (key == "number_columns") return &mapping.number_columns;
    if (key == "left_out_columns") return &mapping.left_out_columns;
    return nullptr;
}

/// What the key wants when the value is of another kind; empty when it was taken.
std::string_view take(CsvMapping& mapping, std::string_view key, const toml::node& value) {
    if (std::string* const text = text_member(mapping, key)) {
        if (!value.is_string()) return "a text in quotes is expected";
        *text = value.as_string()->get();
        return {};
    }
    if (std::vector<std::string>* const list = list_member(mapping, key)) {
        const toml::array* const array = value.as_array();
        if (array == nullptr) return "a list of columns is expected";
        for (const toml::node& item : *array) {
            if (!item.is_string()) return "a list of columns is expected";
            list->push_back(item.as_string()->get());
        }
        return {};
    }
    if (key == "delimiter") {
        if (!value.is_string() || value.as_string()->get().size() != 1) {
            return "one character is expected";
        }
        mapping.delimiter = value.as_string()->get().front();
        return {};
    }
    if (key == "tags") {
        const toml::table* const tags = value.as_table();
        if (tags == nullptr) return "a table of key = \"column\" is expected";
        for (const auto& [tag, column] : *tags) {
            if (!column.is_string()) return "a table of key = \"column\" is expected";
            mapping.tag_columns.emplace_back(tag.str(), column.as_string()->get());
        }
        return {};
    }
    return "there is no such key; known are stream, stream_column, stream_prefix, type, "
           "type_column, "
           "time_column, time_format, time_zone, actor_column, number_columns, left_out_columns, "
           "delimiter, [tags]";
}

}  // namespace

Result<CsvMapping> parse_mapping(std::string_view toml, std::string_view file_name) {
    toml::table document;
    try {
        document = toml::parse(toml);
    } catch (const toml::parse_error& error) {
        return at_line(file_name, error.source(), error.description());
    }
    CsvMapping mapping;
    for (const auto& [key, value] : document) {
        const std::string_view wrong = take(mapping, key.str(), value);
        if (wrong.empty()) continue;
        return at_line(
            file_name, value.source(), std::string(key.str()) + ": " + std::string(wrong)
        );
    }
    return mapping;
}

}  // namespace annals::interchange
