// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "annals/base/result.hpp"
#include "annals/documents/value.hpp"

namespace annals::schemas {

/// The dialects of JSON Schema that are understood.
enum class Draft : std::uint8_t { kDraft7, k202012 };

/// "draft-07", "2020-12".
std::string_view name_of(Draft draft);
/// Also the address that `$schema` has. invalid_argument with `field` for anything else.
Result<Draft> parse_draft(std::string_view text, std::string_view field = "draft");

/// Of a schema's compact text.
inline constexpr std::size_t kSchemaBytesMax = 256u << 10u;
/// Places of a schema that are schemas themselves.
inline constexpr std::size_t kSubschemasMax = 10'000;
/// Violations that one validation names.
inline constexpr std::size_t kViolationsMax = 20;
/// Steps of one validation: about one for each rule and value it meets, together about a second.
/// Regular expressions have a second of their own.
inline constexpr std::uint64_t kStepsMax = 5'000'000;

/// One rule that a document breaks.
struct Violation {
    std::string place;    ///< JSON Pointer into the document; empty: the whole
    std::string keyword;  ///< of the rule: "minimum"
    std::string
        rule;  ///< where the rule stands, a pointer into the schema: "#/properties/a/minimum"
    std::string value;    ///< what is there, as JSON, cut after 64 bytes
    std::string message;  ///< "3 is less than 5"
};

struct Verdict {
    std::vector<Violation> violations;  ///< at most kViolationsMax; none: the document is valid
    bool has_more = false;
    [[nodiscard]] bool is_valid() const { return violations.empty(); }
};

/// Another document that references may name by its address.
struct KnownSchema {
    std::string uri;
    documents::Value schema;
};

struct CompileOptions {
    std::optional<Draft> draft;  ///< nothing: what `$schema` says, else 2020-12
    std::vector<KnownSchema> known;
};

struct Root;

/// A JSON Schema, compiled. Numbers are compared exactly, to the last digit. Regular expressions
/// are those of `patterns`, of bounded effort. `format`, `contentMediaType` and unknown keywords
/// are annotations: they refuse nothing. Immutable and cheap to copy; any thread.
///
/// Source: JSON Schema draft 2020-12 (core and validation) and draft 7.
class Schema {
  public:
    /// schema_not_acceptable with `place` (pointer into the schema), `rule` and `value` for what is
    /// no schema, for references that lead nowhere, and for those that lead back without going into
    /// the document; limit_exceeded beyond the bounds above. About 2 us a subschema.
    static Result<Schema> compile(const documents::Value& schema, CompileOptions options = {});

    /// limit_exceeded when it takes more than kStepsMax steps, or its regular expressions too long.
    [[nodiscard]] Result<Verdict> validate(const documents::Value& document) const;

    [[nodiscard]] Draft draft() const;
    /// As it was given.
    [[nodiscard]] const documents::Value& text() const;

  private:
    friend class SchemaAccess;
    explicit Schema(std::shared_ptr<const Root> root);
    /// Copies share it: it never changes.
    std::shared_ptr<const Root> root_;
};

/// document_not_valid, with `place`, `rule` and `value` of the first violation and `violations[i]`
/// for each of the first eight.
Error make_not_valid(std::string_view what, const Verdict& verdict);

}  // namespace annals::schemas
