// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/schemas/schema.hpp"

#include <benchmark/benchmark.h>

#include "annals/documents/document_text.hpp"
#include "annals/schemas/compatibility.hpp"

namespace annals::schemas {
namespace {

constexpr std::string_view kOrder = R"({
    "type": "object", "required": ["customer", "lines", "total"],
    "properties": {
        "customer": {"type": "string", "pattern": "^[a-z0-9-]{1,36}$"},
        "currency": {"enum": ["EUR", "USD", "GBP", "CHF"]},
        "total": {"type": "number", "minimum": 0, "multipleOf": 0.01},
        "lines": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/line"}}
    },
    "additionalProperties": false,
    "$defs": {"line": {
        "type": "object", "required": ["sku", "count"],
        "properties": {
            "sku": {"type": "string", "maxLength": 40},
            "count": {"type": "integer", "minimum": 1},
            "price": {"type": "number", "minimum": 0, "multipleOf": 0.01}
        }
    }}
})";

constexpr std::string_view kDocument = R"({
    "customer": "c-1042", "currency": "EUR", "total": 34.85,
    "lines": [{"sku": "pen-blue", "count": 3, "price": 1.95},
              {"sku": "paper-a4", "count": 1, "price": 29.00}]
})";

void validate(benchmark::State& state) {
    const Schema schema = *Schema::compile(*documents::parse_document(kOrder));
    const documents::Value document = *documents::parse_document(kDocument);
    for (auto _ : state) {
        auto verdict = schema.validate(document);
        if (!verdict || !verdict->is_valid()) state.SkipWithError("it is valid");
        benchmark::DoNotOptimize(verdict);
    }
}
BENCHMARK(validate);

/// What a validation is next to.
void parse(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(documents::parse_document(kDocument));
}
BENCHMARK(parse);

void compile(benchmark::State& state) {
    const documents::Value text = *documents::parse_document(kOrder);
    for (auto _ : state) benchmark::DoNotOptimize(Schema::compile(text));
}
BENCHMARK(compile);

void compare_with_itself_but_one(benchmark::State& state) {
    documents::Value text = *documents::parse_document(kOrder);
    const Schema before = *Schema::compile(text);
    text.find("properties")->find("total")->erase("minimum");
    const Schema after = *Schema::compile(text);
    for (auto _ : state) {
        benchmark::DoNotOptimize(compare(before, after, Compatibility::kBackward));
    }
}
BENCHMARK(compare_with_itself_but_one);

}  // namespace
}  // namespace annals::schemas
