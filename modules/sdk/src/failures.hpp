// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <utility>

#include "annals/base/result.hpp"
#include "annals/sdk/failure.hpp"

namespace annals::sdk {

/// Throws the error, with what failed of an append.
[[noreturn]] void fail(Error error);
/// What the catalogue says can be sent again as it is, at once or later.
bool is_transient(const Error& error);
/// As the catalogue has it, but "never" where what listens at the address speaks no gRPC.
std::string_view advice_of(const Error& error);

/// The value, or the error thrown.
template <typename T>
T value_of(Result<T> result) {
    if (!result) fail(std::move(result).take_error());
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace annals::sdk
