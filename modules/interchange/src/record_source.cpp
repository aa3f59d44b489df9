// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/interchange/record_source.hpp"

namespace annals::interchange {

bool is_bad_record(const Error& error) {
    return error.code() == ErrorCode::kInvalidArgument ||
           error.code() == ErrorCode::kLimitExceeded || error.code() == ErrorCode::kNotPermitted;
}

}  // namespace annals::interchange
