// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "annals/base/result.hpp"

namespace annals::interchange {

/// Text with columns in braces: `order-{order}`. Compiled once against the header, then filled for
/// each record.
class NameTemplate {
  public:
    /// config_invalid for a brace that is not closed and for a column that the header does not
    /// have.
    static Result<NameTemplate> compile(
        std::string_view text, const std::vector<std::string>& header
    );

    /// Appends the filled text. False when a column that it needs is empty.
    bool fill(const std::vector<std::string_view>& fields, std::string& out) const;

    /// Columns that the template uses.
    [[nodiscard]] const std::vector<std::size_t>& columns() const { return columns_; }

  private:
    /// literals_[0] columns_[0] literals_[1] … literals_[n]
    std::vector<std::string> literals_;
    std::vector<std::size_t> columns_;
};

/// Place of the column in the header; config_invalid lists what there is.
Result<std::size_t> find_column(
    std::string_view name, const std::vector<std::string>& header, std::string_view wanted_for
);

}  // namespace annals::interchange
