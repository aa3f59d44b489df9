// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "annals/base/result.hpp"
#include "annals/documents/value.hpp"

namespace annals::dialect_eskit {

/// A JSON Schema of drafts 4, 6 and 7, with the words of eskit's validator for what does not fit.
/// `format` is an annotation; `$ref` stays inside the schema; numbers are compared exactly, except
/// in multipleOf (as doubles). Immutable; any thread.
class JsonSchema {
  public:
    static constexpr std::size_t kViolationsMax = 100;
    /// Of one validation: rules looked at. Bounds what `$ref` and anyOf can multiply.
    static constexpr std::size_t kStepsMax = 1'000'000;

    /// invalid_argument, `invalid spec : …` for what is no schema, `compile schema : …` for one
    /// with a reference or a regular expression that leads nowhere, or a keyword that is not of
    /// these drafts' validation and no annotation of theirs.
    static Result<JsonSchema> parse(std::string_view text);

    /// What does not fit, `(root): q is required`, at most kViolationsMax; none: it fits.
    /// limit_exceeded beyond kStepsMax.
    [[nodiscard]] Result<std::vector<std::string>> violations(const documents::Value& document
    ) const;

  private:
    explicit JsonSchema(documents::Value root);
    documents::Value root_;
};

}  // namespace annals::dialect_eskit
