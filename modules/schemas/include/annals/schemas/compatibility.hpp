// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "annals/base/result.hpp"
#include "annals/schemas/schema.hpp"

namespace annals::schemas {

/// What a type promises about its next schema.
enum class Compatibility : std::uint8_t {
    kNone,
    kBackward,  ///< the new schema takes every document that the old one takes
    kForward,   ///< the old schema takes every document that the new one takes
    kFull,      ///< both
};

/// "none", "backward", "forward", "full".
std::string_view name_of(Compatibility compatibility);
/// invalid_argument with `field`.
Result<Compatibility> parse_compatibility(
    std::string_view text, std::string_view field = "compatibility"
);

/// Breaks that one comparison names.
inline constexpr std::size_t kBreaksMax = 20;

/// One rule of the schema that should take everything, and that was not proven to.
struct Break {
    std::string place;    ///< pointer into that schema: "/properties/price"
    std::string keyword;  ///< "type"
    std::string message;  ///< "number → string narrows"
    /// Whether the rule is narrower for sure, as far as this rule goes; else it could not be known.
    bool is_certain = true;
    bool is_forward = false;  ///< the old schema's rule, against documents of the new
    bool operator==(const Break&) const = default;
};

struct Comparison {
    std::vector<Break> breaks;  ///< none: proven compatible; at most kBreaksMax
    bool has_more = false;
    [[nodiscard]] bool is_compatible() const { return breaks.empty(); }
};

/// Whether the step from one schema to the next keeps the promise. Sound, not complete: what it
/// calls compatible is so for all documents; what it cannot prove it names, with is_certain false.
/// It sees through references, allOf, anyOf, oneOf, and compares bounds, types, values, members and
/// elements; patterns, `not`, conditions, `contains` and unevaluated… it takes as they are: the
/// same text or not provable. Bounded effort (200,000 steps, then not provable).
Comparison compare(const Schema& before, const Schema& after, Compatibility promise);

/// "/properties/price type: number → string narrows".
std::string to_string(const Break& found);

/// schema_not_compatible, with `place`, `rule` of the first break and `breaks[i]` for the first
/// eight.
Error make_not_compatible(
    std::string_view what, Compatibility promise, const Comparison& comparison
);

}  // namespace annals::schemas
