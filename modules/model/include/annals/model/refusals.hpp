// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <string_view>

#include "annals/base/error.hpp"

namespace annals::model {

/// invalid_argument with the fields `field`, `value` (shortened) and `rule`: what every check of an
/// argument answers. `rule` says what is accepted.
Error refused(std::string_view field, std::string_view value, std::string_view rule);

/// limit_exceeded with `field`, `value` and `limit`; `unit` is the plural of what is counted.
Error too_large(
    std::string_view field, std::size_t value, std::size_t limit, std::string_view unit
);

}  // namespace annals::model
