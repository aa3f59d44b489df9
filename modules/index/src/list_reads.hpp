// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string_view>
#include <vector>

#include "view.hpp"

namespace annals::index {

/// Names with a prefix after a name, in byte order, merged from RocksDB and the windows.
Result<std::vector<StreamSummary>> read_streams(
    const Moment& moment, std::string_view prefix, std::string_view after, std::size_t limit
);
Result<std::vector<CategorySummary>> read_categories(
    const Moment& moment, std::string_view prefix, std::string_view after, std::size_t limit
);
Result<std::vector<StreamSummary>> read_types(
    const Moment& moment, std::string_view prefix, std::string_view after, std::size_t limit
);

}  // namespace annals::index
