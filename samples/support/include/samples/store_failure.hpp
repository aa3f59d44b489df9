// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include "annals/annals.hpp"

#include "samples/http.hpp"

namespace samples {

/// What a failure of the store means to somebody who asked this service.
enum class StoreTrouble {
    kAway,     ///< not there, or too busy: the same again later may do
    kRefused,  ///< the request itself is not acceptable
    kBroken,   ///< anything else
};
[[nodiscard]] StoreTrouble trouble_of(const annals::Failure& failure);

/// 503 with Retry-After, 400, or 500. The store's words go along; those of a 500 go to the log.
[[nodiscard]] HttpAnswer store_problem(const annals::Failure& failure);

}  // namespace samples
