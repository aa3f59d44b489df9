// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <string_view>

#include "annals/base/result.hpp"
#include "annals/documents/value.hpp"
#include "annals/entity_api/entity.hpp"

namespace annals::entities {

using api::Comparison;
using api::FieldFilter;

/// As people write it: `price>=10`, `name=pen`, `kind!=a`, `name^=pe` (begins so), `/a/b<2` (a JSON
/// Pointer), `note?` (is there). A value that is JSON is that, anything else a text.
/// invalid_argument with `field`.
Result<FieldFilter> parse_filter(std::string_view text, std::string_view field = "where");

/// What parse_filter reads as this condition; invalid_argument for a field whose name holds one of
/// the signs of an operator.
Result<std::string> to_text(const FieldFilter& filter);

bool matches(const FieldFilter& filter, const documents::Value& document);

}  // namespace annals::entities
