// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "annals/base/result.hpp"
#include "annals/interchange/csv_mapping.hpp"

namespace annals::cli {

/// The mapping of a CSV file as flags, over a mapping file.
class CsvMappingFlags {
  public:
    void declare(CLI::App& command);
    /// config_invalid where file or flags make no sense.
    [[nodiscard]] Result<interchange::CsvMapping> resolve() const;

  private:
    interchange::CsvMapping mapping_;
    std::vector<std::string> tags_;  ///< key=column
    std::string mapping_file_;
    std::string delimiter_;
};

}  // namespace annals::cli
