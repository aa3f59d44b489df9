// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <vector>

#include "annals/base/result.hpp"

namespace annals::cli {

/// Folders at or below `directory` that hold a log, sorted; store_not_found style errors name what
/// was looked for.
Result<std::vector<std::string>> find_logs(const std::string& directory);

}  // namespace annals::cli
