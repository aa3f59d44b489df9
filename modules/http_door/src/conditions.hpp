// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <optional>
#include <string>

#include "annals/base/named_type.hpp"
#include "annals/base/result.hpp"
#include "annals/model/append.hpp"

#include "message.hpp"

namespace annals::http_door::detail {

/// What the header fields of a request that changes something say (RFC 9110 section 13, and
/// Idempotency-Key after the draft).
struct Conditions {
    std::optional<model::ExpectedRevision> expected;  ///< If-Match, If-None-Match; else 412
    std::string idempotency_key;                      ///< empty: none
};

/// invalid_argument that names the header field when it is none of ours, or both are there.
Result<Conditions> conditions_of(const Request& request);

/// `"r19"`, for the header field ETag.
std::string etag_of(Revision revision);

}  // namespace annals::http_door::detail
