// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/schemas/compatibility.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "annals/documents/document_text.hpp"
#include "annals/documents/testing/arbitrary_value.hpp"

#include "schema_test_support.hpp"

namespace annals::schemas {
namespace {

using documents::Array;
using documents::Number;
using documents::Object;
using documents::Value;
using documents::testing::below;
using documents::testing::one_of;

std::vector<std::string> breaks(
    std::string_view before,
    std::string_view after,
    Compatibility promise = Compatibility::kBackward
) {
    std::vector<std::string> texts;
    for (const Break& one : compare(schema_of(before), schema_of(after), promise).breaks) {
        texts.push_back(to_string(one));
    }
    return texts;
}

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Compatibility, NamesPlaceAndRuleOfEachBreak) {
    EXPECT_THAT(
        breaks(
            R"({"properties": {"price": {"type": "number"}}})",
            R"({"properties": {"price": {"type": "string"}}})"
        ),
        ElementsAre("/properties/price type: number → string narrows")
    );
    EXPECT_THAT(
        breaks(
            R"({"properties": {"a": {"maximum": 10, "minLength": 2}}})",
            R"({"properties": {"a": {"maximum": 9, "minLength": 3}}, "required": ["a"]})"
        ),
        ElementsAre(
            "top required: \"a\" is required now",
            "/properties/a maximum: 10 → 9 narrows",
            "/properties/a minLength: 2 → 3 narrows"
        )
    );
    EXPECT_THAT(
        breaks(R"({"enum": ["a", "b"]})", R"({"enum": ["a", "c"]})"),
        ElementsAre("top enum: \"b\" is not taken any more")
    );
    EXPECT_THAT(
        breaks(
            R"({"properties": {"a": true, "b": true}, "additionalProperties": false})",
            R"({"properties": {"a": true}, "additionalProperties": false})"
        ),
        ElementsAre("top additionalProperties: member \"b\" is not taken any more")
    );
}

TEST(Compatibility, TellsABoundFromOneThatIsExclusive) {
    EXPECT_FALSE(breaks(R"({"minimum": 5})", R"({"exclusiveMinimum": 5})").empty());
    EXPECT_THAT(breaks(R"({"exclusiveMinimum": 5})", R"({"minimum": 5})"), IsEmpty());
    EXPECT_FALSE(breaks(R"({"maximum": 5})", R"({"exclusiveMaximum": 5.0})").empty());
}

TEST(Compatibility, SeesThatANewMemberOfAnOpenObjectNarrows) {
    EXPECT_THAT(
        breaks("{}", R"({"properties": {"a": {"type": "string"}}})"),
        ElementsAre("/properties/a type: any → string narrows")
    );
    EXPECT_THAT(
        breaks(
            R"({"additionalProperties": false})",
            R"({"properties": {"a": {"type": "string"}}, "additionalProperties": false})"
        ),
        IsEmpty()
    );
}

TEST(Compatibility, ProvesWhatWidens) {
    const std::vector<std::pair<std::string, std::string>> widening{
        {R"({"type": "integer"})", R"({"type": ["number", "null"]})"},
        {R"({"minimum": 5})", R"({"exclusiveMinimum": 4})"},
        {R"({"type": "integer", "multipleOf": 6})", R"({"multipleOf": 3})"},
        {R"({"const": 4})", R"({"type": "integer", "enum": [4.0, 5]})"},
        {R"({"required": ["a", "b"]})", R"({"required": ["b"]})"},
        {R"({"$ref": "#/$defs/x", "$defs": {"x": {"maxLength": 3}}})", R"({"maxLength": 4})"},
        {R"({"maxLength": 3})", R"({"allOf": [{"maxLength": 4}, {"maxLength": 5}]})"},
        {R"({"anyOf": [{"type": "string"}, {"type": "null"}]})",
         R"({"type": ["string", "null", "array"]})"},
        {R"({"type": "string"})", R"({"anyOf": [{"type": "string"}, {"type": "null"}]})"},
        {R"({"items": {"maximum": 1}})",
         R"({"prefixItems": [{"maximum": 2}], "items": {"maximum": 3}})"},
        {R"({"properties": {"next": {"$ref": "#"}, "v": {"maximum": 1}}})",
         R"({"properties": {"next": {"$ref": "#"}, "v": {"maximum": 2}}})"},
        {R"({"not": {"type": "null"}, "minLength": 1})", R"({"not": {"type": "null"}})"},
        {R"({"pattern": "^a", "maxLength": 1})", R"({"pattern": "^a"})"},
    };
    for (const auto& [before, after] : widening) {
        EXPECT_THAT(breaks(before, after), IsEmpty()) << before << " to " << after;
        EXPECT_FALSE(breaks(after, before).empty()) << after << " to " << before;
        EXPECT_THAT(breaks(after, before, Compatibility::kForward), IsEmpty());
        EXPECT_FALSE(breaks(before, after, Compatibility::kFull).empty());
    }
    EXPECT_THAT(
        breaks(R"({"type": "null"})", R"({"type": "string"})", Compatibility::kNone), IsEmpty()
    );
}

TEST(Compatibility, SaysWhereItCannotKnow) {
    const auto found = compare(
        schema_of(R"({"pattern": "^ab"})"),
        schema_of(R"({"pattern": "^a"})"),
        Compatibility::kBackward
    );
    ASSERT_EQ(found.breaks.size(), 1u);
    EXPECT_FALSE(found.breaks[0].is_certain);
    EXPECT_THAT(to_string(found.breaks[0]), HasSubstr("not provable"));
    EXPECT_THAT(
        breaks(R"({"not": {"maximum": 1}})", R"({"not": {"maximum": 0}})"),
        ElementsAre(HasSubstr("not provable"))
    );
}

TEST(Compatibility, OfDraft7CountsNothingBesideAReference) {
    const std::string draft = R"("$schema": "http://json-schema.org/draft-07/schema#")";
    EXPECT_FALSE(breaks(
                     "{" + draft +
                         R"(, "definitions": {"x": {}},
                    "$ref": "#/definitions/x", "not": {"type": "null"}})",
                     "{" + draft + R"(, "not": {"type": "null"}})"
    )
                     .empty());
}

TEST(Compatibility, EndsForSchemasThatBranchAtEachStep) {
    std::string before = R"({"$defs":{"d0":{"type":"string"})";
    for (int i = 1; i <= 60; ++i) {
        const std::string to = R"({"$ref":"#/$defs/d)" + std::to_string(i - 1) + R"("})";
        before.append(R"(,"d)").append(std::to_string(i)).append(R"(":{"anyOf":[)");
        before.append(to).append(",").append(to).append(R"(,{"minLength":1}]})");
    }
    const std::string after = before + R"(},"$ref":"#/$defs/d60","maxLength":2})";
    before += R"(},"$ref":"#/$defs/d60"})";
    EXPECT_FALSE(breaks(before, after).empty());
}

// ---- what is called compatible is so for all documents ----

Value number(int n) { return Value(Number{std::to_string(n)}); }

Value arbitrary_schema(int levels);

Value arbitrary_scalar() {
    switch (below(4)) {
        case 0:
            return number(below(4));
        case 1:
            return Value(one_of({"", "a", "ab", "b"}));
        case 2:
            return Value(below(2) == 1);
        default:
            return Value();
    }
}

Value arbitrary_instance(int levels) {
    const int kind = below(levels > 0 ? 8 : 4);
    if (kind < 4) return arbitrary_scalar();
    if (kind < 6) {
        Array elements;
        for (int i = below(4); i > 0; --i) elements.push_back(arbitrary_instance(levels - 1));
        return Value(std::move(elements));
    }
    Object members;
    for (int i = below(4); i > 0; --i) {
        members.push_back({one_of({"a", "b", "ab", "c"}), arbitrary_instance(levels - 1)});
    }
    return Value(std::move(members));
}

Value schemas_by_name(int levels, const std::vector<std::string>& names) {
    Object members;
    for (int i = 1 + below(2); i > 0; --i)
        members.push_back({one_of(names), arbitrary_schema(levels)});
    return Value(std::move(members));
}

Value list_of_schemas(int levels) {
    Array list;
    for (int i = 1 + below(2); i > 0; --i) list.push_back(arbitrary_schema(levels));
    return Value(std::move(list));
}

Value names() {
    Array list{Value(one_of({"a", "b", "c"}))};
    return Value(std::move(list));
}

void add_rule(Object& rules, int levels) {
    const auto add = [&](const char* name, Value value) {
        rules.push_back({name, std::move(value)});
    };
    switch (below(levels > 0 ? 30 : 13)) {
        case 0:
        case 1:
            return add(
                "type", Value(one_of({"integer", "number", "string", "object", "array", "null"}))
            );
        case 2:
            return add(
                "type", Value(Array{Value("string"), Value(one_of({"integer", "object", "array"}))})
            );
        case 3:
            return add("maximum", number(below(4)));
        case 4:
            return add("exclusiveMinimum", number(below(3)));
        case 5:
            return add("minLength", number(below(3)));
        case 6:
            return add("pattern", Value(one_of({"a", "^b"})));
        case 7:
            return add(
                "enum", Value(Array{arbitrary_instance(1), arbitrary_scalar(), arbitrary_scalar()})
            );
        case 8:
            return add("const", arbitrary_scalar());
        case 9:
            return add("required", names());
        case 10:
            return add("maxItems", number(below(3)));
        case 11:
            return add("uniqueItems", Value(true));
        case 12:
            return add("multipleOf", number(1 + below(3)));
        case 13:
        case 14:
        case 15:
            return add("properties", schemas_by_name(levels - 1, {"a", "b", "c"}));
        case 16:
            return add("patternProperties", schemas_by_name(levels - 1, {"a", "^b"}));
        case 17:
        case 18:
            return add("additionalProperties", arbitrary_schema(levels - 1));
        case 19:
            return add("items", arbitrary_schema(levels - 1));
        case 20:
            return add("prefixItems", list_of_schemas(levels - 1));
        case 21:
            return add("allOf", list_of_schemas(levels - 1));
        case 22:
        case 23:
            return add("anyOf", list_of_schemas(levels - 1));
        case 24:
            return add("oneOf", list_of_schemas(levels - 1));
        case 25:
            return add("not", arbitrary_schema(levels - 1));
        case 26:
            add("if", arbitrary_schema(levels - 1));
            return add("then", arbitrary_schema(levels - 1));
        case 27:
            return add("contains", arbitrary_schema(levels - 1));
        case 28:
            return add("dependentSchemas", schemas_by_name(levels - 1, {"a", "b"}));
        default:
            return add(
                one_of({"unevaluatedProperties", "unevaluatedItems", "propertyNames"}).c_str(),
                arbitrary_schema(levels - 1)
            );
    }
}

Value arbitrary_schema(int levels) {
    if (below(8) == 0) return Value(below(3) != 0);
    if (below(12) == 0) {
        Object reference;
        reference.push_back({"$ref", Value(one_of({"#/$defs/x", "#/$defs/y"}))});
        return Value(std::move(reference));
    }
    Object rules;
    for (int i = below(4); i > 0; --i) add_rule(rules, levels);
    return Value(std::move(rules));
}

/// The same with a rule less, one more, or another somewhere.
Value changed(const Value& schema, int levels) {
    if (!schema.is_object() || below(10) == 0) return arbitrary_schema(levels);
    Object rules;
    for (const documents::Member& rule : schema.object()) {
        const int what = below(8);
        if (what == 0) continue;
        Value value = rule.value;
        const bool has_schema = rule.name == "items" || rule.name == "additionalProperties" ||
                                rule.name == "not";
        if (has_schema && what < 5) value = changed(value, levels - 1);
        if (value.is_object() && (rule.name == "properties" || rule.name == "$defs") && what < 5) {
            Object members;
            for (const documents::Member& one : value.object()) {
                members.push_back(
                    {one.name, below(2) == 0 ? one.value : changed(one.value, levels - 1)}
                );
            }
            value = Value(std::move(members));
        }
        if (value.is_array() && rule.name.ends_with("Of") && what < 5) {
            Array list;
            for (const Value& one : value.array())
                list.push_back(below(2) == 0 ? one : changed(one, levels - 1));
            if (below(3) == 0) list.push_back(arbitrary_schema(levels - 1));
            value = Value(std::move(list));
        }
        rules.push_back({rule.name, std::move(value)});
    }
    if (below(4) == 0) add_rule(rules, levels);
    return Value(std::move(rules));
}

Value with_definitions(Value schema) {
    Object definitions;
    definitions.push_back({"x", arbitrary_schema(1)});
    definitions.push_back({"y", arbitrary_schema(0)});
    if (!schema.is_object()) return schema;
    schema.set("$defs", Value(std::move(definitions)));
    return schema;
}

TEST(Compatibility, OfGeneratedSchemasIsSoForGeneratedDocuments) {
    int compatible = 0;
    int tried = 0;
    const auto try_one = [&] {
        const Value before = with_definitions(arbitrary_schema(2));
        const Value after = changed(before, 2);
        const auto old_schema = Schema::compile(before);
        const auto new_schema = Schema::compile(after);
        if (!old_schema || !new_schema)
            return;  // a reference that leads round or, changed, nowhere
        ++tried;
        if (!compare(*old_schema, *new_schema, Compatibility::kBackward).is_compatible()) return;
        ++compatible;
        for (int i = 0; i < 60; ++i) {
            const Value document = arbitrary_instance(2);
            const auto then = old_schema->validate(document);
            const auto now = new_schema->validate(document);
            if (!then || !now || !then->is_valid() || now->is_valid()) continue;
            RC_FAIL(
                documents::to_text(before) + " to " + documents::to_text(after) + " breaks " +
                documents::to_text(document)
            );
        }
    };
    const bool is_held = rc::check("compatible means compatible", [&] {
        for (int i = 0; i < 12; ++i) try_one();
    });
    EXPECT_TRUE(is_held);
    // Else the property says nothing.
    RecordProperty("tried", tried);
    RecordProperty("compatible", compatible);
    EXPECT_GE(compatible, 20) << "of " << tried;
}

}  // namespace
}  // namespace annals::schemas
