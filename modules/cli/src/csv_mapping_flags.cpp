// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "csv_mapping_flags.hpp"

#include <fstream>
#include <iterator>

namespace annals::cli {
namespace {

/// Flags win over the file.
void take_flag(std::string& into, const std::string& flag) {
    if (!flag.empty()) into = flag;
}

Result<interchange::CsvMapping> read_mapping_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return Error(ErrorCode::kConfigInvalid, path + " cannot be opened");
    const std::string text(std::istreambuf_iterator<char>(file), {});
    return interchange::parse_mapping(text, path);
}

}  // namespace

Result<interchange::CsvMapping> CsvMappingFlags::resolve() const {
    interchange::CsvMapping mapping;
    if (!mapping_file_.empty()) {
        ANNALS_TRY(mapping, read_mapping_file(mapping_file_));
    }
    const interchange::CsvMapping& flags = mapping_;
    if (!flags.stream.empty()) mapping.stream_column.clear();
    if (!flags.stream_column.empty()) mapping.stream.clear();
    if (!flags.type.empty()) mapping.type_column.clear();
    if (!flags.type_column.empty()) mapping.type.clear();
    take_flag(mapping.stream, flags.stream);
    take_flag(mapping.stream_column, flags.stream_column);
    take_flag(mapping.stream_prefix, flags.stream_prefix);
    take_flag(mapping.type, flags.type);
    take_flag(mapping.type_column, flags.type_column);
    take_flag(mapping.time_column, flags.time_column);
    take_flag(mapping.time_format, flags.time_format);
    take_flag(mapping.time_zone, flags.time_zone);
    take_flag(mapping.actor_column, flags.actor_column);
    if (!flags.number_columns.empty()) mapping.number_columns = flags.number_columns;
    if (!flags.left_out_columns.empty()) mapping.left_out_columns = flags.left_out_columns;
    if (!delimiter_.empty()) {
        mapping.delimiter = delimiter_ == "tab" ? '\t' : delimiter_.front();
    }
    for (const std::string& tag : tags_) {
        const std::size_t sign = tag.find('=');
        if (sign == std::string::npos || sign == 0) {
            return Error(ErrorCode::kConfigInvalid, "--tag-column " + tag + ": give key=column");
        }
        mapping.tag_columns.emplace_back(tag.substr(0, sign), tag.substr(sign + 1));
    }
    return mapping;
}

void CsvMappingFlags::declare(CLI::App& command) {
    constexpr const char* kGroup = "Mapping";
    const auto text = [&](const char* name, std::string& value, const char* what) {
        command.add_option(name, value, what)->group(kGroup);
    };
    const auto many = [&](const char* name, std::vector<std::string>& values, const char* what) {
        command.add_option(name, values, what)
            ->expected(1)
            ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
            ->group(kGroup);
    };
    text("--mapping", mapping_file_, "TOML file with the mapping; flags win over it");
    text("--stream", mapping_.stream, "stream names with columns in braces: 'order-{order}'");
    text("--stream-column", mapping_.stream_column, "or the column that names the stream");
    text("--stream-prefix", mapping_.stream_prefix, "before the text of --stream-column");
    text("--type", mapping_.type, "one type for all events");
    text("--type-column", mapping_.type_column, "or the column that names the type");
    text("--time-column", mapping_.time_column, "when it happened");
    text(
        "--time-format", mapping_.time_format, "iso (default), unix, unix-ms, or '%d/%m/%Y %H:%M'"
    );
    text("--time-zone", mapping_.time_zone, "of times without an offset: UTC or +02:00");
    text("--actor-column", mapping_.actor_column, "who did it");
    many("--tag-column", tags_, "key=column: an indexed tag; several times");
    many("--number-column", mapping_.number_columns, "becomes a JSON number; several times");
    many("--leave-out", mapping_.left_out_columns, "column that is not wanted; several times");
    text("--delimiter", delimiter_, "between columns: one character, or tab (default ,)");
}

}  // namespace annals::cli
