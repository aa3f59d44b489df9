// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "json_schema.hpp"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "annals/documents/document_text.hpp"

namespace annals::dialect_eskit {
namespace {

/// The first violation; "" when it fits.
std::string first(std::string_view schema, std::string_view document) {
    const auto parsed = JsonSchema::parse(schema);
    if (!parsed) return "schema: " + std::string(parsed.error().message());
    const auto found = parsed->violations(documents::parse_document(document).value());
    if (!found) return std::string(found.error().info().name);
    return found->empty() ? "" : found->front();
}

TEST(EskitJsonSchema, SaysWhatDoesNotFit) {
    struct Case {
        const char* schema;
        const char* good;
        const char* bad;
        const char* words;
    };
    const Case cases[] = {
        {R"({"required":["q"]})", R"({"q":1})", "{}", "(root): q is required"},
        {R"({"type":"integer"})",
         "1.0",
         "1.5",
         "(root): Invalid type. Expected: integer, given: number"},
        {R"({"type":["string","null"]})",
         "null",
         "1",
         "(root): Invalid type. Expected: string/null, given: integer"},
        {R"({"properties":{"a":{"properties":{"b":{"type":"string"}}}}})",
         R"({"a":{"b":""}})",
         R"({"a":{"b":1}})",
         "a.b: Invalid type. Expected: string, given: integer"},
        {R"({"items":{"type":"string"}})",
         R"([""])",
         R"(["",1])",
         "1: Invalid type. Expected: string, given: integer"},
        {R"({"items":[{}],"additionalItems":false})",
         "[1]",
         "[1,2]",
         "(root): No additional items allowed on array"},
        {R"({"enum":[1,"a"]})", "1.0", "2", "(root): (root) must be one of the following: 1, \"a\""
        },
        {R"({"const":{"a":1}})", R"({"a":1})", "{}", "(root): (root) does not match: {\"a\":1}"},
        {R"({"minimum":12345678901234567890})",
         "12345678901234567890",
         "12345678901234567889",
         "(root): Must be greater than or equal to 12345678901234567890"},
        {R"({"minimum":1,"exclusiveMinimum":true})", "2", "1", "(root): Must be greater than 1"},
        {R"({"exclusiveMaximum":1})", "0", "1", "(root): Must be less than 1"},
        {R"({"maximum":1})", "1", "2", "(root): Must be less than or equal to 1"},
        {R"({"multipleOf":0.01})", "19.99", "19.999", "(root): Must be a multiple of 0.01"},
        {R"({"minLength":2})",
         "\"üü\"",
         "\"ü\"",
         "(root): String length must be greater than or equal to 2"},
        {R"({"maxLength":1})",
         "\"ü\"",
         "\"ab\"",
         "(root): String length must be less than or equal to 1"},
        {R"({"pattern":"^a+$"})", "\"aa\"", "\"b\"", "(root): Does not match pattern '^a+$'"},
        {R"({"minItems":1})", "[1]", "[]", "(root): Array must have at least 1 items"},
        {R"({"maxItems":1})", "[1]", "[1,2]", "(root): Array must have at most 1 items"},
        {R"({"uniqueItems":true})", "[1,2]", "[1,2,1.0]", "(root): array items[0,2] must be unique"
        },
        {R"({"contains":{"const":1}})",
         "[2,1]",
         "[2]",
         "(root): At least one of the items must match"},
        {R"({"minProperties":1})", R"({"a":1})", "{}", "(root): Must have at least 1 properties"},
        {R"({"maxProperties":0})", "{}", R"({"a":1})", "(root): Must have at most 0 properties"},
        {R"({"additionalProperties":false,"properties":{"a":{}},"patternProperties":{"^x":{}}})",
         R"({"a":1,"xy":2})",
         R"({"b":1})",
         "(root): Additional property b is not allowed"},
        {R"({"additionalProperties":{"type":"null"}})",
         R"({"a":null})",
         R"({"a":1})",
         "a: Invalid type. Expected: null, given: integer"},
        {R"({"propertyNames":{"maxLength":1}})",
         R"({"a":1})",
         R"({"ab":1})",
         "(root): Property name of \"ab\" does not match"},
        {R"({"dependencies":{"a":["b"]}})",
         R"({"a":1,"b":1})",
         R"({"a":1})",
         "(root): Has a dependency on b"},
        {R"({"dependencies":{"a":{"required":["b"]}}})",
         R"({"c":1})",
         R"({"a":1})",
         "(root): b is required"},
        {R"({"anyOf":[{"type":"null"},{"type":"string"}]})",
         "null",
         "1",
         "(root): Must validate at least one schema (anyOf)"},
        {R"({"oneOf":[{"type":"number"},{"minimum":2}]})",
         "1",
         "3",
         "(root): Must validate one and only one schema (oneOf)"},
        {R"({"not":{"type":"null"}})", "1", "null", "(root): Must not validate the schema (not)"},
        {R"({"if":{"type":"string"},"then":{"minLength":1},"else":{"minimum":1}})",
         "1",
         "0",
         "(root): Must validate \"else\" as \"if\" was not valid"},
        {R"({"definitions":{"t":{"type":"null"}},"properties":{"a":{"$ref":"#/definitions/t"}}})",
         R"({"a":null})",
         R"({"a":1})",
         "a: Invalid type. Expected: null, given: integer"},
        {"false", "1", "1", "(root): False always fails validation"},
    };
    for (const Case& one : cases) {
        EXPECT_EQ(first(one.schema, one.bad), one.words) << one.schema;
        if (std::string_view(one.schema) != "false") {
            EXPECT_EQ(first(one.schema, one.good), "") << one.schema;
        }
    }
}

TEST(EskitJsonSchema, RefusesWhatIsNoSchema) {
    for (const char* const text :
         {"no json",
          "1",
          R"({"type":"thing"})",
          R"({"required":"a"})",
          R"({"minLength":-1})",
          R"({"properties":[]})",
          R"({"anyOf":[]})",
          R"({"items":1})",
          R"({"uniqueItems":1})",
          R"({"properties":{"a":{"enum":1}}})"}) {
        EXPECT_TRUE(first(text, "{}").starts_with("schema: invalid spec : ")) << text;
    }
    for (const char* const text :
         {R"({"$ref":"#/a"})",
          R"({"$ref":"http://elsewhere/a"})",
          R"({"pattern":"("})",
          R"({"patternProperties":{"(":{}}})",
          R"({"unevaluatedProperties":false})"}) {
        EXPECT_TRUE(first(text, "{}").starts_with("schema: compile schema : ")) << text;
    }
}

TEST(EskitJsonSchema, EndsAtReferencesThatGoInCircles) {
    EXPECT_EQ(first(R"({"$ref":"#"})", "1"), "limit_exceeded");
    // Each level asks twice: without a bound, 2^256 steps.
    EXPECT_EQ(first(R"({"anyOf":[{"$ref":"#"},{"$ref":"#"}]})", "1"), "limit_exceeded");
    // A document ends it.
    EXPECT_EQ(
        first(R"({"properties":{"a":{"$ref":"#"}},"required":["v"]})", R"({"v":1,"a":{"v":2}})"), ""
    );
}

}  // namespace
}  // namespace annals::dialect_eskit
