// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>

#include "annals/base/result.hpp"

#include "terminal.hpp"

namespace annals::cli {

/// `-` is the standard input, `@file` a file, anything else the bytes themselves. io_error when
/// they cannot be read.
Result<std::string> read_argument(const std::string& argument, Terminal& terminal);

}  // namespace annals::cli
