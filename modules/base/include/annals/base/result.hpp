// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <type_traits>
#include <utility>

#include <tl/expected.hpp>

#include "annals/base/error.hpp"

namespace annals {

/// The answer of every operation that can fail in an expected way: a value, or an Error that says
/// what failed and what to do. Ignoring it is a compile error. Success allocates nothing.
/// Thin over tl::expected, so that a later move to std::expected touches this header alone.
template <typename T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
  public:
    using Base = tl::expected<T, Error>;
    using Base::Base;

    Result(Error error) : Base(tl::unexpected<Error>(std::move(error))) {}  // NOLINT: implicit
    Result(tl::unexpected<Error> error) : Base(std::move(error)) {}         // NOLINT: implicit

    /// The error alone, to hand on from a function with another value type.
    [[nodiscard]] Error take_error() && { return std::move(Base::error()); }
};

/// Success without a value.
using Status = Result<void>;

inline Status ok() { return {}; }

}  // namespace annals

#define ANNALS_CONCAT_INNER(a, b) a##b
#define ANNALS_CONCAT(a, b) ANNALS_CONCAT_INNER(a, b)

/// `ANNALS_TRY(auto value, expression);` declares value or returns the expression's error.
#define ANNALS_TRY(declaration, ...)                                         \
    auto ANNALS_CONCAT(annals_try_, __LINE__) = (__VA_ARGS__);               \
    if (!ANNALS_CONCAT(annals_try_, __LINE__)) [[unlikely]]                  \
        return std::move(ANNALS_CONCAT(annals_try_, __LINE__)).take_error(); \
    declaration = std::move(*ANNALS_CONCAT(annals_try_, __LINE__))

/// `ANNALS_CHECK(expression);` returns the error of a Status (or of any Result, dropping its
/// value).
#define ANNALS_CHECK(...)                                       \
    do {                                                        \
        auto annals_check_result = (__VA_ARGS__);               \
        if (!annals_check_result) [[unlikely]]                  \
            return std::move(annals_check_result).take_error(); \
    } while (false)
