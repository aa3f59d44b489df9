// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "exit_code.hpp"

namespace annals::cli {

ExitCode exit_code(const ErrorInfo& info) {
    switch (info.http_status) {
        case 400:
        case 413:
            return ExitCode::kUsage;
        case 404:
            return ExitCode::kNotFound;
        case 409:
        case 410:
        case 412:
        case 422:
            return ExitCode::kPreconditionFailed;
        case 429:
        case 503:
            return ExitCode::kUnavailable;
        case 504:
            return ExitCode::kTimeout;
        default:
            return ExitCode::kFailed;
    }
}

}  // namespace annals::cli
