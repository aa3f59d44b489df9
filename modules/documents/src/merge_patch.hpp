// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <optional>

#include "annals/documents/value.hpp"

namespace annals::documents {

/// RFC 7396 2.
Value apply_merge_patch(Value target, const Value& patch);
/// Nothing when a merge patch cannot say it, because `after` has a null member that `before` has
/// not.
std::optional<Value> merge_patch_between(const Value& before, const Value& after);

}  // namespace annals::documents
