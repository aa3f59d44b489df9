// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <string_view>

#include "annals/api/requests.hpp"
#include "annals/base/result.hpp"

namespace annals::streams {

/// Whether stream, filter and limit of a read or a subscription are acceptable: invalid_argument or
/// limit_exceeded with the field otherwise. Beside a stream a filter that says which streams is
/// refused.
Status check_selection(std::string_view stream, const model::Filter& filter);
/// 0 stands for `usual`; more than Limits::kReadEventsMax is limit_exceeded.
Result<std::uint32_t> events_limit(
    std::uint32_t limit, std::uint32_t usual, std::string_view field
);

Error stream_not_found(std::string_view stream);
/// stream_not_found of a stream that was softly deleted.
Error stream_is_deleted(std::string_view stream);
/// stream_deleted.
Error stream_is_tombstoned(std::string_view stream);

}  // namespace annals::streams
