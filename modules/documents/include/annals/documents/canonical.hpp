// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "annals/documents/value.hpp"

namespace annals::documents {

/// The one text of a value: RFC 8785 (members by UTF-16 order, shortest escapes, numbers as
/// ECMAScript writes them), with one exception: a number with more digits than a double holds keeps
/// them, so that documents that differ have canonical texts that differ. Documents of I-JSON
/// (RFC 7493) give exactly RFC 8785.
std::string canonical(const Value& value);

/// SHA-256 over canonical(), as 64 lower-case hex digits.
std::string hash_of(const Value& value);

/// A number as ECMAScript writes it: 1.0 is "1", 1E21 "1e+21", -0 "0"; no digit is lost.
std::string canonical_number(std::string_view number);

/// By value, whatever the way of writing: 1.0 is 1, and no digit is ignored.
std::strong_ordering compare_numbers(std::string_view a, std::string_view b);

/// The same value whatever the way of writing numbers (RFC 6902 4.6): 1.0 is 1.
bool is_equal(const Value& a, const Value& b);

}  // namespace annals::documents
