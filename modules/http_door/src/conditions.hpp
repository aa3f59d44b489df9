// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

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

/// Where a request cannot have the condition: invalid_argument with what was sent, and why.
Error no_precondition(const Request& request, std::string_view header, std::string_view why);
/// The same where it cannot have any; ok when it has none.
Status no_preconditions(const Request& request, std::string_view why);

/// What a request says of a number that is no revision, e.g. the version of a schema.
struct VersionConditions {
    std::optional<std::uint32_t> expected;  ///< If-Match: "v3"
    bool must_exist = false;                ///< If-Match: *
    bool must_be_new = false;               ///< If-None-Match: *
};
/// invalid_argument that names the header field when it is none of ours, or both are there.
Result<VersionConditions> version_conditions_of(const Request& request);

/// `"v3"`.
std::string etag_of_version(std::uint32_t version);
/// `"r19"`, for the header field ETag.
std::string etag_of(Revision revision);

}  // namespace annals::http_door::detail
