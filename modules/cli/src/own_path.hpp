// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>

#include "annals/base/result.hpp"

namespace annals::cli {

/// The file of this program, to be started again as a server. io_error without /proc.
Result<std::string> own_path();

}  // namespace annals::cli
