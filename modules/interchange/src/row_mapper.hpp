// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "annals/base/result.hpp"
#include "annals/interchange/csv_mapping.hpp"
#include "annals/interchange/csv_reader.hpp"
#include "annals/interchange/time_parser.hpp"
#include "annals/model/event.hpp"

#include "arena.hpp"
#include "name_template.hpp"

namespace annals::interchange {

/// Makes events of records by a mapping, without ids.
class RowMapper {
  public:
    /// config_invalid when the mapping and the header do not fit.
    static Result<RowMapper> make(const CsvMapping& mapping, std::vector<std::string> header);

    /// The event of the record, its texts kept in the arena. invalid_argument: the row cannot
    /// become an event.
    Result<model::NewEvent> map(const CsvRecord& record, Arena& arena);

  private:
    struct DataColumn {
        std::size_t index;
        std::string key;  ///< `"name":`, escaped
        bool is_number;
    };

    RowMapper(TimeParser times, NameTemplate stream)
        : times_(std::move(times)), stream_(std::move(stream)) {}
    Status choose_columns(const CsvMapping& mapping);
    Status choose_data(const CsvMapping& mapping);
    Status take_data(const CsvRecord& record);
    void take_tags(const CsvRecord& record, Arena& arena, model::NewEvent& event);

    std::vector<std::string> header_;
    TimeParser times_;
    NameTemplate stream_;
    std::string type_;
    std::optional<std::size_t> type_column_;
    std::optional<std::size_t> time_column_;
    std::optional<std::size_t> actor_column_;
    std::vector<std::pair<std::string, std::size_t>> tags_;
    std::vector<DataColumn> data_columns_;
    std::string name_;  ///< of the stream being made
    std::string text_;  ///< of the data being made
};

}  // namespace annals::interchange
