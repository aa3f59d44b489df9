// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/schemas/schema.hpp"

#include <string>
#include <string_view>

#include <gmock/gmock.h>

#include "annals/documents/document_text.hpp"

#include "schema_test_support.hpp"

namespace annals::schemas {
namespace {

using documents::parse_document;
using documents::Value;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Verdict verdict_of(const Schema& schema, std::string_view document) {
    auto verdict = schema.validate(json(document));
    if (!verdict) ADD_FAILURE() << verdict.error().to_string();
    return verdict ? *verdict : Verdict{{Violation{}}, false};
}

bool accepts(std::string_view schema, std::string_view document) {
    return verdict_of(schema_of(schema), document).is_valid();
}

Error refusal(std::string_view schema) {
    auto made = Schema::compile(json(schema));
    EXPECT_FALSE(made) << schema;
    return made ? Error(ErrorCode::kInternal, "") : made.error();
}

TEST(Schema, NamesPlaceRuleAndValueOfEachViolation) {
    const Schema schema = schema_of(R"({
        "type": "object", "required": ["name", "sku"],
        "properties": {"name": true, "price": {"minimum": 5},
            "tags": {"items": {"type": "string"}}},
        "additionalProperties": false
    })");
    const Verdict verdict = verdict_of(schema, R"({"name":"a","price":3,"tags":["x",7],"b/c":1})");
    ASSERT_EQ(verdict.violations.size(), 4u);
    EXPECT_EQ(verdict.violations[0].place, "");
    EXPECT_EQ(verdict.violations[0].rule, "#/required");
    EXPECT_EQ(verdict.violations[0].message, R"(there is no member "sku")");
    EXPECT_EQ(verdict.violations[1].place, "/b~1c");
    EXPECT_EQ(verdict.violations[1].keyword, "additionalProperties");
    EXPECT_EQ(verdict.violations[2].place, "/price");
    EXPECT_EQ(verdict.violations[2].rule, "#/properties/price/minimum");
    EXPECT_EQ(verdict.violations[2].value, "3");
    EXPECT_EQ(verdict.violations[2].message, "3 is less than 5");
    EXPECT_EQ(verdict.violations[3].place, "/tags/1");
    EXPECT_EQ(verdict.violations[3].message, "7 is not of type string");
}

TEST(Schema, JudgesNumbersToTheLastDigit) {
    EXPECT_FALSE(accepts(R"({"maximum": 9007199254740992})", "9007199254740993"));
    EXPECT_TRUE(accepts(R"({"maximum": 9007199254740993})", "9007199254740993"));
    EXPECT_TRUE(accepts(R"({"multipleOf": 0.01})", "4.35"));
    EXPECT_TRUE(accepts(R"({"multipleOf": 0.0001})", "0.0075"));
    EXPECT_FALSE(accepts(R"({"multipleOf": 0.01})", "0.001"));
    EXPECT_FALSE(accepts(R"({"multipleOf": 2})", "100000000000000000000000000000001"));
    EXPECT_TRUE(accepts(R"({"multipleOf": 3})", "1e300") == false);
    EXPECT_FALSE(accepts(R"({"const": 12345678901234567890})", "12345678901234567891"));
    EXPECT_TRUE(accepts(R"({"type": "integer"})", "1.0"));
    EXPECT_TRUE(accepts(R"({"type": "integer"})", "1e3"));
    EXPECT_FALSE(accepts(R"({"type": "integer"})", "1e-3"));
    EXPECT_FALSE(accepts(R"({"type": "integer"})", "100000000000000000000000000000000.5"));
}

TEST(Schema, CountsNoMoreViolationsThanItsBound) {
    std::string document = "[";
    for (int i = 0; i < 100; ++i) document.append(i == 0 ? "1" : ",1");
    const Verdict verdict = verdict_of(
        schema_of(R"({"items": {"type": "string"}})"), document + "]"
    );
    EXPECT_THAT(verdict.violations, SizeIs(kViolationsMax));
    EXPECT_TRUE(verdict.has_more);
    const Error error = make_not_valid("product 7", verdict);
    EXPECT_EQ(error.code(), ErrorCode::kDocumentNotValid);
    EXPECT_EQ(error.field("place"), "/0");
    EXPECT_EQ(error.field("violations"), "20+");
}

TEST(Schema, RefusesWhatIsNoSchemaWithPlaceAndRule) {
    const Error type = refusal(R"({"properties": {"a": {"type": "text"}}})");
    EXPECT_EQ(type.code(), ErrorCode::kSchemaNotAcceptable);
    EXPECT_EQ(type.field("place"), "/properties/a/type");
    EXPECT_EQ(type.field("value"), R"("text")");
    EXPECT_EQ(refusal(R"({"minLength": -1})").field("place"), "/minLength");
    EXPECT_EQ(refusal(R"({"allOf": []})").field("place"), "/allOf");
    EXPECT_EQ(refusal(R"({"required": ["a", "a"]})").field("place"), "/required");
    EXPECT_EQ(refusal(R"({"pattern": "("})").field("place"), "/pattern");
    EXPECT_EQ(
        refusal(R"({"patternProperties": {"[": {}}})").field("place"), "/patternProperties/["
    );
    EXPECT_EQ(refusal(R"({"multipleOf": 0})").field("place"), "/multipleOf");
    EXPECT_EQ(
        refusal(R"({"$defs": {"unused": {"type": 1}}})").field("place"), "/$defs/unused/type"
    );
    EXPECT_EQ(refusal("7").field("place"), "");
    EXPECT_EQ(
        refusal(R"({"$schema": "http://json-schema.org/draft-04/schema#"})").field("place"),
        "/$schema"
    );
}

TEST(Schema, RefusesReferencesThatLeadNowhereOrRoundInPlace) {
    EXPECT_EQ(refusal(R"({"$ref": "#/$defs/no"})").field("place"), "/$ref");
    EXPECT_EQ(refusal(R"({"$ref": "https://elsewhere.example/x"})").field("place"), "/$ref");
    EXPECT_EQ(refusal(R"({"$ref": "#"})").field("place"), "/$ref");
    EXPECT_EQ(
        refusal(
            R"({"$defs": {"a": {"allOf": [{"$ref": "#/$defs/b"}]}, "b": {"$ref": "#/$defs/a"}}})"
        )
            .code(),
        ErrorCode::kSchemaNotAcceptable
    );
    EXPECT_TRUE(
        accepts(R"({"properties": {"next": {"$ref": "#"}}, "type": "object"})", R"({"next":{}})")
    );
}

TEST(Schema, EndsWhateverTheSchemaAndTheDocumentAre) {
    // A regular expression that goes through all ways to split a text.
    const Schema slow = schema_of(R"({"pattern": "^(a+)+$"})");
    const auto matched = slow.validate(Value(std::string(64, 'a') + "b"));
    ASSERT_FALSE(matched);
    EXPECT_EQ(matched.error().code(), ErrorCode::kLimitExceeded);
    // Many texts, of which each alone is within the bound.
    const Value text(std::string(14, 'a') + "b");
    const Schema many = schema_of(R"({"items": {"pattern": "^(a|aa)+$"}})");
    const auto one_matched = many.validate(Value(documents::Array{text}));
    ASSERT_TRUE(one_matched) << one_matched.error().to_string();
    const auto all_matched = many.validate(Value(documents::Array(400'000, text)));
    ASSERT_FALSE(all_matched);
    EXPECT_EQ(all_matched.error().code(), ErrorCode::kLimitExceeded);
    // Branches that double at each step.
    std::string doubling = R"({"$defs":{"d0":{"type":"string"})";
    for (int i = 1; i <= 40; ++i) {
        const std::string below = R"({"$ref":"#/$defs/d)" + std::to_string(i - 1) + R"("})";
        doubling.append(R"(,"d)").append(std::to_string(i)).append(R"(":{"anyOf":[)");
        doubling.append(below).append(",").append(below).append("]}");
    }
    doubling += R"(},"$ref":"#/$defs/d40"})";
    const auto doubled = schema_of(doubling).validate(json("1"));
    ASSERT_FALSE(doubled);
    EXPECT_EQ(doubled.error().code(), ErrorCode::kLimitExceeded);
    // A long way of references.
    std::string chain = R"({"$defs":{"d0":{"type":"string"})";
    for (int i = 1; i <= 5'000; ++i) {
        chain += R"(,"d)" + std::to_string(i) + R"(":{"$ref":"#/$defs/d)" + std::to_string(i - 1) +
                 R"("})";
    }
    chain += R"(},"$ref":"#/$defs/d5000"})";
    const auto chained = schema_of(chain).validate(json("1"));
    ASSERT_FALSE(chained);
    EXPECT_EQ(chained.error().code(), ErrorCode::kLimitExceeded);
}

TEST(Schema, HasBoundsOnItsOwnSize) {
    const Error large = refusal(R"({"title":")" + std::string(kSchemaBytesMax, 'x') + R"("})");
    EXPECT_EQ(large.code(), ErrorCode::kLimitExceeded);
    std::string many = R"({"anyOf":[true)";
    for (std::size_t i = 0; i < kSubschemasMax; ++i) many += ",true";
    EXPECT_EQ(refusal(many + "]}").code(), ErrorCode::kLimitExceeded);
}

TEST(Schema, KnowsItsDraft) {
    EXPECT_EQ(schema_of("{}").draft(), Draft::k202012);
    const Schema seven = schema_of(
        R"({"$schema": "http://json-schema.org/draft-07/schema#", "$ref": "#/definitions/a",
            "type": "string", "definitions": {"a": {"type": "integer"}}})"
    );
    EXPECT_EQ(seven.draft(), Draft::kDraft7);
    EXPECT_TRUE(verdict_of(seven, "1").is_valid())
        << "beside a reference nothing counts in draft 7";
}

}  // namespace
}  // namespace annals::schemas
