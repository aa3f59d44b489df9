// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace annals::http_door::detail {

/// Writes into an OpenAPI description which problems its operations may answer: for each status a
/// response that names the errors of the catalogue (docs/reference/errors.md) that have it.
///
/// An operation's own errors are the names in its `x-errors`; those that every operation of its
/// kind may answer (a request that is none, a store that is not open, a condition that does not
/// hold) are added here. Afterwards `x-errors` has all of them. A status that an operation
/// describes itself stays. A name that the catalogue does not have is a fault of the program.
void describe_errors(nlohmann::ordered_json& document);

}  // namespace annals::http_door::detail
