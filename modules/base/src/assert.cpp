// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace annals::detail {

void assertion_failed(const char* expression, const char* why, const char* file, int line) {
    std::fprintf(
        stderr, "annals: assertion failed: %s (%s) at %s:%d\n", expression, why, file, line
    );
    std::abort();
}

}  // namespace annals::detail
