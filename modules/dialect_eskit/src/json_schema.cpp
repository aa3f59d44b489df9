// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "json_schema.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>

#include "annals/documents/canonical.hpp"
#include "annals/documents/document_text.hpp"
#include "annals/documents/pointer.hpp"
#include "annals/patterns/pattern.hpp"

namespace annals::dialect_eskit {
namespace {

using documents::Kind;
using documents::Member;
using documents::Value;

/// Schemas inside each other, `$ref` included: what a validation enters.
constexpr std::size_t kEnteredMax = 256;

/// What a keyword's value holds.
enum class Shape : std::uint8_t {
    kAnnotation,
    kSchema,
    kSchemas,          ///< an array of them
    kSchemaOrSchemas,  ///< items
    kNamedSchemas,
    kPatternSchemas,  ///< named by regular expressions
    kDependencies,    ///< schemas or lists of names
    kCount,
    kNumber,
    kLimit,  ///< a number, or the boolean of draft 4
    kBoolean,
    kPattern,
    kNames,
    kTypes,
    kReference,
    kArray,
    kAnything,
};

struct Keyword {
    std::string_view name;
    Shape shape;
};

constexpr std::array<Keyword, 49> kKeywords{{
    {"$comment", Shape::kAnnotation},
    {"$id", Shape::kAnnotation},
    {"$ref", Shape::kReference},
    {"$schema", Shape::kAnnotation},
    {"additionalItems", Shape::kSchema},
    {"additionalProperties", Shape::kSchema},
    {"allOf", Shape::kSchemas},
    {"anyOf", Shape::kSchemas},
    {"const", Shape::kAnything},
    {"contains", Shape::kSchema},
    {"contentEncoding", Shape::kAnnotation},
    {"contentMediaType", Shape::kAnnotation},
    {"default", Shape::kAnnotation},
    {"definitions", Shape::kNamedSchemas},
    {"dependencies", Shape::kDependencies},
    {"description", Shape::kAnnotation},
    {"else", Shape::kSchema},
    {"enum", Shape::kArray},
    {"examples", Shape::kAnnotation},
    {"exclusiveMaximum", Shape::kLimit},
    {"exclusiveMinimum", Shape::kLimit},
    {"format", Shape::kAnnotation},
    {"id", Shape::kAnnotation},
    {"if", Shape::kSchema},
    {"items", Shape::kSchemaOrSchemas},
    {"maxItems", Shape::kCount},
    {"maxLength", Shape::kCount},
    {"maxProperties", Shape::kCount},
    {"maximum", Shape::kNumber},
    {"minItems", Shape::kCount},
    {"minLength", Shape::kCount},
    {"minProperties", Shape::kCount},
    {"minimum", Shape::kNumber},
    {"multipleOf", Shape::kNumber},
    {"not", Shape::kSchema},
    {"oneOf", Shape::kSchemas},
    {"pattern", Shape::kPattern},
    {"patternProperties", Shape::kPatternSchemas},
    {"properties", Shape::kNamedSchemas},
    {"propertyNames", Shape::kSchema},
    {"readOnly", Shape::kAnnotation},
    {"required", Shape::kNames},
    {"then", Shape::kSchema},
    {"title", Shape::kAnnotation},
    {"type", Shape::kTypes},
    {"uniqueItems", Shape::kBoolean},
    {"writeOnly", Shape::kAnnotation},
    {"deprecated", Shape::kAnnotation},
    {"$defs", Shape::kNamedSchemas},
}};

constexpr std::array<std::string_view, 7> kTypes{
    "null", "boolean", "integer", "number", "string", "array", "object"
};

Error invalid(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }

double number_of(const Value& value) {
    const std::string& text = value.number().text;
    double number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

bool is_number(const Value& value) { return value.kind() == Kind::kNumber; }

/// 1.0 is one, as drafts 6 and 7 have it.
bool is_integer(const Value& value) {
    if (!is_number(value)) return false;
    const double number = number_of(value);
    if (std::abs(number) < 1e15)
        return std::floor(number) == number && [&] {
            // A double cannot say that 1.00000000000000000001 is none; its digits can.
            const std::string text = documents::canonical_number(value.number().text);
            return text.find('.') == std::string::npos && text.find("e-") == std::string::npos;
        }();
    const std::string text = documents::canonical_number(value.number().text);
    return text.find('.') == std::string::npos || text.find("e+") != std::string::npos;
}

bool is_count(const Value& value) {
    return is_integer(value) && number_of(value) >= 0 && number_of(value) < 1e15;
}

bool is_names(const Value& value) {
    return value.is_array() &&
           std::all_of(value.array().begin(), value.array().end(), [](const Value& one) {
               return one.kind() == Kind::kString;
           });
}

bool is_type_name(const Value& value) {
    return value.kind() == Kind::kString &&
           std::find(kTypes.begin(), kTypes.end(), value.string()) != kTypes.end();
}

/// Looks a schema through before anything is validated with it.
class Check {
  public:
    explicit Check(const Value& root) : root_(root) {}

    // NOLINTNEXTLINE(misc-no-recursion): documents end at kDepthMax
    Status schema(const Value& schema, const std::string& place) {
        if (schema.kind() == Kind::kBoolean) return ok();
        if (!schema.is_object()) {
            return invalid("invalid spec : " + place + " must be an object or a boolean");
        }
        for (const Member& member : schema.object()) {
            const auto known = std::find_if(
                kKeywords.begin(),
                kKeywords.end(),
                [&](const Keyword& keyword) { return keyword.name == member.name; }
            );
            if (known == kKeywords.end()) {
                return invalid(
                    "compile schema : keyword \"" + member.name + "\" of " + place +
                    " is not of drafts 4, 6 and 7"
                );
            }
            ANNALS_CHECK(keyword(known->shape, member.value, place + "/" + member.name));
        }
        return ok();
    }

  private:
    static Status must_be(bool is_so, const std::string& place, std::string_view what) {
        if (is_so) return ok();
        return invalid("invalid spec : " + place + " must be " + std::string(what));
    }

    static Status pattern(const std::string& text, const std::string& place) {
        const auto compiled = patterns::Pattern::compile(text, "pattern");
        if (compiled) return ok();
        return invalid(
            "compile schema : " + place +
            " is no regular expression: " + std::string(compiled.error().message())
        );
    }

    // NOLINTNEXTLINE(misc-no-recursion): documents end at kDepthMax
    Status schemas(const Value& all, const std::string& place) {
        ANNALS_CHECK(must_be(all.is_array() && !all.array().empty(), place, "an array of schemas"));
        for (const Value& one : all.array()) ANNALS_CHECK(schema(one, place));
        return ok();
    }

    // NOLINTNEXTLINE(misc-no-recursion): documents end at kDepthMax
    Status named(const Value& all, const std::string& place, bool is_pattern) {
        ANNALS_CHECK(must_be(all.is_object(), place, "an object of schemas"));
        for (const Member& member : all.object()) {
            if (is_pattern) ANNALS_CHECK(pattern(member.name, place));
            ANNALS_CHECK(schema(member.value, place + "/" + member.name));
        }
        return ok();
    }

    // NOLINTNEXTLINE(misc-no-recursion): documents end at kDepthMax
    Status keyword(Shape shape, const Value& value, const std::string& place) {
        switch (shape) {
            case Shape::kAnnotation:
            case Shape::kAnything:
                return ok();
            case Shape::kSchema:
                return schema(value, place);
            case Shape::kSchemas:
                return schemas(value, place);
            case Shape::kSchemaOrSchemas:
                return value.is_array() ? schemas(value, place) : schema(value, place);
            case Shape::kNamedSchemas:
                return named(value, place, false);
            case Shape::kPatternSchemas:
                return named(value, place, true);
            case Shape::kDependencies:
                ANNALS_CHECK(must_be(value.is_object(), place, "an object"));
                for (const Member& member : value.object()) {
                    if (!is_names(member.value)) ANNALS_CHECK(schema(member.value, place));
                }
                return ok();
            case Shape::kCount:
                return must_be(is_count(value), place, "a number of things");
            case Shape::kNumber:
                return must_be(is_number(value), place, "a number");
            case Shape::kLimit:
                return must_be(
                    is_number(value) || value.kind() == Kind::kBoolean, place, "a number"
                );
            case Shape::kBoolean:
                return must_be(value.kind() == Kind::kBoolean, place, "a boolean");
            case Shape::kPattern:
                ANNALS_CHECK(must_be(value.kind() == Kind::kString, place, "a text"));
                return pattern(value.string(), place);
            case Shape::kNames:
                return must_be(is_names(value), place, "an array of names");
            case Shape::kArray:
                return must_be(value.is_array(), place, "an array");
            case Shape::kTypes:
                return must_be(
                    is_type_name(value) ||
                        (value.is_array() && !value.array().empty() &&
                         std::all_of(value.array().begin(), value.array().end(), is_type_name)),
                    place,
                    "a type of JSON"
                );
            case Shape::kReference:
                return reference(value, place);
        }
        return ok();
    }

    Status reference(const Value& value, const std::string& place) {
        ANNALS_CHECK(must_be(value.kind() == Kind::kString, place, "a text"));
        const std::string& text = value.string();
        if (text.starts_with('#')) {
            const auto path = documents::parse_pointer(std::string_view(text).substr(1));
            if (path && documents::find(root_, *path) != nullptr) return ok();
        }
        return invalid("compile schema : " + place + " \"" + text + "\" is not in this schema");
    }

    const Value& root_;
};

std::string path_in(const std::string& place, const std::string& step) {
    return place == "(root)" ? step : place + "." + step;
}

std::string type_name(const Value& value) {
    switch (value.kind()) {
        case Kind::kNull:
            return "null";
        case Kind::kBoolean:
            return "boolean";
        case Kind::kNumber:
            return is_integer(value) ? "integer" : "number";
        case Kind::kString:
            return "string";
        case Kind::kArray:
            return "array";
        case Kind::kObject:
            return "object";
    }
    return "";
}

bool is_of_type(const Value& value, const std::string& type) {
    if (type == "number") return is_number(value);
    return type_name(value) == type;
}

std::size_t characters(std::string_view utf8) {
    return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u;
    }));
}

bool is_multiple(const Value& value, const Value& of) {
    const double quotient = number_of(value) / number_of(of);
    const double nearest = std::round(quotient);
    return std::abs(quotient - nearest) <= 1e-9 * std::max(1.0, std::abs(nearest));
}

/// One validation.
class Run {
  public:
    explicit Run(const Value& root) : root_(root) {}

    /// What does not fit; the caller decides what becomes of it.
    using Found = std::vector<std::string>;

    // NOLINTNEXTLINE(misc-no-recursion): kEnteredMax
    void validate(const Value& schema, const Value& value, const std::string& place, Found& found) {
        if (is_beyond()) return;
        if (schema.kind() == Kind::kBoolean) {
            if (!schema.boolean()) add(found, place, "False always fails validation");
            return;
        }
        ++entered_;
        if (const Value* reference = schema.find("$ref")) {
            const auto path = documents::parse_pointer(
                std::string_view(reference->string()).substr(1)
            );
            const Value* target = path ? documents::find(root_, *path) : nullptr;
            if (target != nullptr) validate(*target, value, place, found);
        } else {
            kinds(schema, value, place, found);
            combined(schema, value, place, found);
            if (is_number(value)) numbers(schema, value, place, found);
            if (value.kind() == Kind::kString) texts(schema, value.string(), place, found);
            if (value.is_array()) arrays(schema, value, place, found);
            if (value.is_object()) objects(schema, value, place, found);
        }
        --entered_;
    }

    [[nodiscard]] bool is_beyond() {
        if (++steps_ > JsonSchema::kStepsMax || entered_ > kEnteredMax) is_beyond_ = true;
        return is_beyond_;
    }
    [[nodiscard]] bool was_beyond() const { return is_beyond_; }

  private:
    static void add(Found& found, const std::string& place, std::string_view what) {
        if (found.size() < JsonSchema::kViolationsMax) {
            found.push_back(place + ": " + std::string(what));
        }
    }

    // NOLINTNEXTLINE(misc-no-recursion): kEnteredMax
    bool fits(const Value& schema, const Value& value, const std::string& place) {
        Found found;
        validate(schema, value, place, found);
        return found.empty();
    }

    static void kinds(
        const Value& schema, const Value& value, const std::string& place, Found& found
    ) {
        if (const Value* type = schema.find("type")) {
            std::string expected;
            bool is_one = false;
            const documents::Array single{*type};
            for (const Value& one : type->is_array() ? type->array() : single) {
                if (!expected.empty()) expected += "/";
                expected += one.string();
                is_one = is_one || is_of_type(value, one.string());
            }
            if (!is_one) {
                add(found,
                    place,
                    "Invalid type. Expected: " + expected + ", given: " + type_name(value));
            }
        }
        if (const Value* all = schema.find("enum")) {
            std::string allowed;
            bool is_one = false;
            for (const Value& one : all->array()) {
                if (!allowed.empty()) allowed += ", ";
                allowed += documents::to_text(one);
                is_one = is_one || documents::is_equal(one, value);
            }
            if (!is_one) {
                add(found, place, place + " must be one of the following: " + allowed);
            }
        }
        const Value* only = schema.find("const");
        if (only != nullptr && !documents::is_equal(*only, value)) {
            add(found, place, place + " does not match: " + documents::to_text(*only));
        }
    }

    // NOLINTNEXTLINE(misc-no-recursion): kEnteredMax
    std::size_t fitting(const Value& schemas, const Value& value, const std::string& place) {
        std::size_t count = 0;
        for (const Value& one : schemas.array()) count += fits(one, value, place) ? 1 : 0;
        return count;
    }

    // NOLINTNEXTLINE(misc-no-recursion): kEnteredMax
    void combined(const Value& schema, const Value& value, const std::string& place, Found& found) {
        if (const Value* all = schema.find("allOf")) {
            const std::size_t before = found.size();
            for (const Value& one : all->array()) validate(one, value, place, found);
            if (found.size() > before) {
                add(found, place, "Must validate all the schemas (allOf)");
            }
        }
        const Value* any = schema.find("anyOf");
        if (any != nullptr && fitting(*any, value, place) == 0) {
            add(found, place, "Must validate at least one schema (anyOf)");
        }
        const Value* one = schema.find("oneOf");
        if (one != nullptr && fitting(*one, value, place) != 1) {
            add(found, place, "Must validate one and only one schema (oneOf)");
        }
        const Value* none = schema.find("not");
        if (none != nullptr && fits(*none, value, place)) {
            add(found, place, "Must not validate the schema (not)");
        }
        const Value* condition = schema.find("if");
        if (condition == nullptr) return;
        const bool is_met = fits(*condition, value, place);
        const Value* then = schema.find(is_met ? "then" : "else");
        if (then == nullptr || fits(*then, value, place)) return;
        add(found,
            place,
            is_met ? "Must validate \"then\" as \"if\" was valid"
                   : "Must validate \"else\" as \"if\" was not valid");
    }

    static void numbers(
        const Value& schema, const Value& value, const std::string& place, Found& found
    ) {
        const std::string& number = value.number().text;
        const auto limit = [&](std::string_view plain, std::string_view exclusive, bool is_lower) {
            const auto compare = [&](const Value& bound, bool is_strict) {
                const auto order = documents::compare_numbers(number, bound.number().text);
                const bool is_within = is_lower ? order > 0 : order < 0;
                if (is_within || (order == 0 && !is_strict)) return;
                std::string text = is_lower ? "Must be greater than " : "Must be less than ";
                if (!is_strict) text += "or equal to ";
                add(found, place, text + bound.number().text);
            };
            const Value* strict = schema.find(exclusive);
            const bool is_draft_4 = strict != nullptr && strict->kind() == Kind::kBoolean;
            if (const Value* bound = schema.find(plain)) {
                compare(*bound, is_draft_4 && strict->boolean());
            }
            if (strict != nullptr && !is_draft_4) compare(*strict, true);
        };
        limit("minimum", "exclusiveMinimum", true);
        limit("maximum", "exclusiveMaximum", false);
        const Value* multiple = schema.find("multipleOf");
        if (multiple != nullptr && !is_multiple(value, *multiple)) {
            add(found, place, "Must be a multiple of " + multiple->number().text);
        }
    }

    /// Whether the text has it; one that takes too many steps does not.
    static bool has_pattern(const std::string& pattern, std::string_view text) {
        const auto compiled = patterns::Pattern::compile(pattern, "pattern");
        if (!compiled) return false;
        const auto matched = compiled->matches(text);
        return matched && *matched;
    }

    static void texts(
        const Value& schema, const std::string& text, const std::string& place, Found& found
    ) {
        const auto length = static_cast<double>(characters(text));
        const Value* least = schema.find("minLength");
        if (least != nullptr && length < number_of(*least)) {
            add(found,
                place,
                "String length must be greater than or equal to " + least->number().text);
        }
        const Value* most = schema.find("maxLength");
        if (most != nullptr && length > number_of(*most)) {
            add(found, place, "String length must be less than or equal to " + most->number().text);
        }
        const Value* pattern = schema.find("pattern");
        if (pattern != nullptr && !has_pattern(pattern->string(), text)) {
            add(found, place, "Does not match pattern '" + pattern->string() + "'");
        }
    }

    // NOLINTNEXTLINE(misc-no-recursion): kEnteredMax
    void arrays(const Value& schema, const Value& value, const std::string& place, Found& found) {
        const documents::Array& all = value.array();
        const auto size = static_cast<double>(all.size());
        const Value* least = schema.find("minItems");
        if (least != nullptr && size < number_of(*least)) {
            add(found, place, "Array must have at least " + least->number().text + " items");
        }
        const Value* most = schema.find("maxItems");
        if (most != nullptr && size > number_of(*most)) {
            add(found, place, "Array must have at most " + most->number().text + " items");
        }
        items(schema, all, place, found);
        const Value* contains = schema.find("contains");
        if (contains != nullptr && std::none_of(all.begin(), all.end(), [&](const Value& one) {
                return fits(*contains, one, place);
            })) {
            add(found, place, "At least one of the items must match");
        }
        const Value* unique = schema.find("uniqueItems");
        if (unique != nullptr && unique->boolean()) distinct(all, place, found);
    }

    // NOLINTNEXTLINE(misc-no-recursion): kEnteredMax
    void items(
        const Value& schema, const documents::Array& all, const std::string& place, Found& found
    ) {
        const Value* each = schema.find("items");
        if (each == nullptr) return;
        const std::size_t listed = each->is_array() ? each->array().size() : 0;
        const Value* more = each->is_array() ? schema.find("additionalItems") : each;
        for (std::size_t i = 0; i < all.size(); ++i) {
            const std::string at = path_in(place, std::to_string(i));
            if (i < listed) {
                validate(each->array()[i], all[i], at, found);
            } else if (more != nullptr && more->kind() == Kind::kBoolean && !more->boolean()) {
                add(found, place, "No additional items allowed on array");
                return;
            } else if (more != nullptr) {
                validate(*more, all[i], at, found);
            }
        }
    }

    void distinct(const documents::Array& all, const std::string& place, Found& found) {
        std::vector<std::pair<std::string, std::size_t>> texts;
        texts.reserve(all.size());
        for (std::size_t i = 0; i < all.size(); ++i) {
            texts.emplace_back(documents::canonical(all[i]), i);
        }
        std::sort(texts.begin(), texts.end());
        for (std::size_t i = 1; i < texts.size(); ++i) {
            if (texts[i].first != texts[i - 1].first) continue;
            add(found,
                place,
                "array items[" + std::to_string(texts[i - 1].second) + "," +
                    std::to_string(texts[i].second) + "] must be unique");
        }
    }

    // NOLINTNEXTLINE(misc-no-recursion): kEnteredMax
    void objects(const Value& schema, const Value& value, const std::string& place, Found& found) {
        const auto size = static_cast<double>(value.object().size());
        if (const Value* required = schema.find("required")) {
            for (const Value& name : required->array()) {
                if (value.find(name.string()) == nullptr) {
                    add(found, place, name.string() + " is required");
                }
            }
        }
        const Value* least = schema.find("minProperties");
        if (least != nullptr && size < number_of(*least)) {
            add(found, place, "Must have at least " + least->number().text + " properties");
        }
        const Value* most = schema.find("maxProperties");
        if (most != nullptr && size > number_of(*most)) {
            add(found, place, "Must have at most " + most->number().text + " properties");
        }
        for (const Member& member : value.object()) property(schema, member, place, found);
        dependencies(schema, value, place, found);
    }

    // NOLINTNEXTLINE(misc-no-recursion): kEnteredMax
    void property(
        const Value& schema, const Member& member, const std::string& place, Found& found
    ) {
        const std::string at = path_in(place, member.name);
        const Value* names = schema.find("propertyNames");
        if (names != nullptr && !fits(*names, Value(member.name), place)) {
            add(found, place, "Property name of \"" + member.name + "\" does not match");
        }
        bool is_known = false;
        const Value* properties = schema.find("properties");
        if (const Value* own = properties == nullptr ? nullptr : properties->find(member.name)) {
            is_known = true;
            validate(*own, member.value, at, found);
        }
        if (const Value* by_pattern = schema.find("patternProperties")) {
            for (const Member& one : by_pattern->object()) {
                if (!has_pattern(one.name, member.name)) continue;
                is_known = true;
                validate(one.value, member.value, at, found);
            }
        }
        const Value* more = schema.find("additionalProperties");
        if (is_known || more == nullptr) return;
        if (more->kind() != Kind::kBoolean) {
            validate(*more, member.value, at, found);
        } else if (!more->boolean()) {
            add(found, place, "Additional property " + member.name + " is not allowed");
        }
    }

    // NOLINTNEXTLINE(misc-no-recursion): kEnteredMax
    void dependencies(
        const Value& schema, const Value& value, const std::string& place, Found& found
    ) {
        const Value* all = schema.find("dependencies");
        if (all == nullptr) return;
        for (const Member& member : all->object()) {
            if (value.find(member.name) == nullptr) continue;
            if (!member.value.is_array()) {
                validate(member.value, value, place, found);
                continue;
            }
            for (const Value& name : member.value.array()) {
                if (value.find(name.string()) == nullptr) {
                    add(found, place, "Has a dependency on " + name.string());
                }
            }
        }
    }

    const Value& root_;
    std::size_t steps_ = 0;
    std::size_t entered_ = 0;
    bool is_beyond_ = false;
};

}  // namespace

JsonSchema::JsonSchema(Value root) : root_(std::move(root)) {}

Result<JsonSchema> JsonSchema::parse(std::string_view text) {
    auto root = documents::parse_document(text, "json_schema");
    if (!root) return invalid("invalid spec : " + std::string(root.error().message()));
    ANNALS_CHECK(Check(*root).schema(*root, "#"));
    return JsonSchema(std::move(*root));
}

Result<std::vector<std::string>> JsonSchema::violations(const Value& document) const {
    Run run(root_);
    std::vector<std::string> found;
    run.validate(root_, document, "(root)", found);
    if (!run.was_beyond()) return found;
    return Error(ErrorCode::kLimitExceeded, "the schema takes too many steps for this document");
}

}  // namespace annals::dialect_eskit
