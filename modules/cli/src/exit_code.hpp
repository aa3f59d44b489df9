// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include "annals/base/error.hpp"

namespace annals::cli {

enum class ExitCode : int {
    kOk = 0,
    kFailed = 1,
    kUsage = 2,
    kPreconditionFailed = 3,
    kNotFound = 4,
    kUnavailable = 5,
    kTimeout = 6,
};

/// The one place where an error becomes an exit code: by the HTTP status that the catalogue gives
/// it.
ExitCode exit_code(const ErrorInfo& info);

}  // namespace annals::cli
