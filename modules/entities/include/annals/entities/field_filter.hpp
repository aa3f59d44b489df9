// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <string_view>

#include "annals/base/result.hpp"
#include "annals/documents/pointer.hpp"
#include "annals/documents/value.hpp"

namespace annals::entities {

enum class Comparison : std::uint8_t {
    kEqual,
    kNotEqual,  ///< also where there is no such field
    kLess,
    kLessOrEqual,
    kGreater,
    kGreaterOrEqual,
    kPrefix,  ///< of a text
    kExists,  ///< null counts; the value is not looked at
};

/// A condition on one field of a document. Numbers compare by value, texts by UTF-16 order, kinds
/// with each other only for (un)equality.
struct FieldFilter {
    documents::Pointer path;
    Comparison comparison = Comparison::kEqual;
    documents::Value value;
};

/// As people write it: `price>=10`, `name=pen`, `kind!=a`, `name^=pe` (begins so), `/a/b<2` (a JSON
/// Pointer), `note?` (is there). A value that is JSON is that, anything else a text.
/// invalid_argument with `field`.
Result<FieldFilter> parse_filter(std::string_view text, std::string_view field = "where");

bool matches(const FieldFilter& filter, const documents::Value& document);

}  // namespace annals::entities
