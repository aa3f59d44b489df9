// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <string_view>

#include "annals/base/result.hpp"
#include "annals/documents/value.hpp"

#include "terminal.hpp"

namespace annals::cli {

/// `-` is the standard input, `@file` a file, anything else the bytes themselves. io_error when
/// they cannot be read.
Result<std::string> read_argument(const std::string& argument, Terminal& terminal);

/// The same, as a document. invalid_argument names `field`; where the argument is the name of a
/// file, it says how to have that read.
Result<documents::Value> read_document(
    const std::string& argument, std::string_view field, Terminal& terminal
);

}  // namespace annals::cli
