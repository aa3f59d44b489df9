// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "terminal.hpp"

namespace annals::cli {

using Json = nlohmann::ordered_json;

enum class OutputFormat : unsigned char { kTable, kJson, kJsonLines, kYaml };

/// A column of a table: its heading and the member of the record that it shows.
struct Column {
    std::string heading;
    std::string key;
    bool is_number = false;
    bool is_last_resort = false;  ///< gives way when the terminal is too narrow
};

/// Shows records: tables for people, JSON, JSON lines or YAML for programs.
class Printer {
  public:
    Printer(Terminal& terminal, OutputFormat format) : terminal_(terminal), format_(format) {}

    /// Table: a row each; a record that is a text is a line of its own, dim. JSON and YAML: one
    /// array. JSON lines: one line each.
    void list(const std::vector<Column>& columns, const std::vector<Json>& records);
    /// Table: a line for each member. Else the object.
    void object(const Json& record);
    /// For output without end: rows as they come, columns as wide as they were needed so far.
    void stream_row(std::vector<Column>& columns, const Json& record);

    /// Table: a line of its own among rows, dim. Nothing else has a place for it.
    void note(std::string_view text);

    [[nodiscard]] OutputFormat format() const { return format_; }
    [[nodiscard]] bool is_table() const { return format_ == OutputFormat::kTable; }

  private:
    void write_rows(const std::vector<Column>& columns, const std::vector<Json>& records);
    void write_row(const std::vector<Column>& columns, const std::vector<std::string>& cells);
    void fit(const std::vector<Column>& columns);

    Terminal& terminal_;
    OutputFormat format_;
    std::vector<std::size_t> widths_;
    bool has_heading_ = false;
};

/// What a table's cell shows of a value: texts without quotes, everything else as JSON; safe for a
/// terminal.
std::string cell_text(const Json& value);

/// As one line of JSON; bytes that are not UTF-8 become U+FFFD.
std::string one_line(const Json& value);

}  // namespace annals::cli
