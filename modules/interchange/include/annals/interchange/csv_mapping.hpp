// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "annals/base/result.hpp"

namespace annals::interchange {

/// Which columns become what. Everything empty means "not given"; prepare_row_mapper() says what is
/// missing.
///
/// Columns that name the stream, the type, the time and the actor are taken out of the data, tag
/// columns stay in it. What is left becomes one JSON object: texts, in the order of the columns,
/// empty fields left out; the columns in `number_columns` become numbers.
struct CsvMapping {
    std::string stream;         ///< template, e.g. `order-{order}`; `{{` and `}}` are braces
    std::string stream_column;  ///< or a column, with the prefix before its text
    std::string stream_prefix;
    std::string type;  ///< one type for all
    std::string type_column;
    std::string time_column;
    std::string time_format;  ///< see TimeParser
    std::string time_zone;
    std::string actor_column;
    std::vector<std::pair<std::string, std::string>> tag_columns;  ///< key, column
    std::vector<std::string> number_columns;
    std::vector<std::string> left_out_columns;
    char delimiter = ',';
};

/// Reads a mapping from TOML: the members above as keys, tags as `[tags]` with key = "column".
/// config_invalid names the line and the key that is not known.
Result<CsvMapping> parse_mapping(std::string_view toml, std::string_view file_name);

}  // namespace annals::interchange
