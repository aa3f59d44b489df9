// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

namespace annals::detail {
[[noreturn]] void assertion_failed(
    const char* expression, const char* why, const char* file, int line
);
}  // namespace annals::detail

/// A programmer's error must not go on: alive in release builds, aborts with expression and reason.
#define ANNALS_ASSERT(expression, why)                                                \
    do {                                                                              \
        if (!(expression)) [[unlikely]]                                               \
            ::annals::detail::assertion_failed(#expression, why, __FILE__, __LINE__); \
    } while (false)
