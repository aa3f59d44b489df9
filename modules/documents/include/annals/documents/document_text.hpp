// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "annals/base/result.hpp"
#include "annals/documents/value.hpp"

namespace annals::documents {

struct TextLimits {
    std::size_t bytes_max = kDocumentBytesMax;
    std::size_t depth_max = kDepthMax;
};

/// Reads one JSON value (RFC 8259). invalid_argument with `field` and `rule` for what is none, for
/// a name that stands twice in one object, for numbers beyond a double's range, and for nesting
/// beyond depth_max; limit_exceeded beyond bytes_max. About 20 ns a value. Any thread.
Result<Value> parse_document(
    std::string_view text, std::string_view field = "document", const TextLimits& limits = {}
);
/// The same, and it must be an object, as every entity is.
Result<Value> parse_object(std::string_view text, std::string_view field = "document");

/// As compact JSON, members in canonical order, numbers as they were written.
void write(std::string& out, const Value& value);
std::string to_text(const Value& value);

}  // namespace annals::documents
