// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <optional>
#include <string>

#include "annals/base/result.hpp"
#include "annals/model/append.hpp"

namespace annals::cli {

/// What `--expect` says: any (nothing), none, exists, deleted, or a revision; invalid_argument
/// otherwise.
Result<std::optional<model::ExpectedRevision>> parse_expected(const std::string& text);

}  // namespace annals::cli
