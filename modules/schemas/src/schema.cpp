// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/schemas/schema.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "annals/model/refusals.hpp"

#include "compiler.hpp"
#include "evaluator.hpp"
#include "node.hpp"
#include "shown.hpp"

namespace annals::schemas {
namespace {

constexpr std::string_view kDraft7Uri = "http://json-schema.org/draft-07/schema";
constexpr std::string_view k202012Uri = "https://json-schema.org/draft/2020-12/schema";
/// Violations that an error carries; all others are counted.
constexpr std::size_t kCarriedMax = 8;

std::string text_of(const Violation& violation) {
    std::string text(violation.place.empty() ? "the document" : violation.place);
    text.append(": ").append(violation.message).append(" (").append(violation.rule).append(")");
    return cut(std::move(text), kMessageBytesMax);
}

}  // namespace

std::string_view name_of(Draft draft) { return draft == Draft::kDraft7 ? "draft-07" : "2020-12"; }

Result<Draft> parse_draft(std::string_view text, std::string_view field) {
    std::string_view name = text;
    if (name.ends_with('#')) name.remove_suffix(1);
    for (const std::string_view one :
         {kDraft7Uri, std::string_view("draft-07"), std::string_view("7")}) {
        if (name == one) return Draft::kDraft7;
    }
    for (const std::string_view one : {k202012Uri, std::string_view("2020-12")}) {
        if (name == one) return Draft::k202012;
    }
    return model::refused(field, text, "draft-07 or 2020-12");
}

Schema::Schema(std::shared_ptr<const Root> root) : root_(std::move(root)) {}

Result<Schema> Schema::compile(const documents::Value& schema, CompileOptions options) {
    ANNALS_TRY(auto root, compile_root(schema, std::move(options)));
    return Schema(std::move(root));
}

Result<Verdict> Schema::validate(const documents::Value& document) const {
    return evaluate(*root_, *root_->top, document);
}

Draft Schema::draft() const { return root_->draft; }

const documents::Value& Schema::text() const { return root_->text; }

Error make_not_valid(std::string_view what, const Verdict& verdict) {
    const std::size_t count = verdict.violations.size();
    const Violation& first = verdict.violations.front();
    std::vector<std::string> texts;
    texts.reserve(count);
    for (const Violation& one : verdict.violations) texts.push_back(text_of(one));
    const std::string message = std::string(what) +
                                " does not satisfy its schema: " + told(texts, verdict.has_more);
    Error error(ErrorCode::kDocumentNotValid, message);
    error = std::move(error)
                .with("place", first.place)
                .with("rule", first.rule)
                .with("value", first.value)
                .with("violations", std::to_string(count) + (verdict.has_more ? "+" : ""));
    for (std::size_t i = 0; i < std::min(count, kCarriedMax); ++i) {
        const std::string name = "violations[" + std::to_string(i) + "]";
        error = std::move(error).with(name, texts[i]);
    }
    return error;
}

}  // namespace annals::schemas
