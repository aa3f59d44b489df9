// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>

#include "annals/base/result.hpp"
#include "annals/documents/value.hpp"

namespace annals::documents {

/// RFC 6902; all operations or none. Errors as in apply() of a Patch.
Result<Value> apply_json_patch(Value document, const Value& patch);
Status check_json_patch(const Value& patch);
/// Array elements are compared in place, between a common beginning and a common end.
Value json_patch_between(const Value& before, const Value& after);

/// Levels of arrays and objects: 0 for a plain value.
std::size_t depth_of(const Value& value);

}  // namespace annals::documents
