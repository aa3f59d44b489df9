// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/entities/field_filter.hpp"

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <string>
#include <utility>

#include "annals/documents/canonical.hpp"
#include "annals/documents/document_text.hpp"
#include "annals/model/refusals.hpp"

namespace annals::entities {
namespace {

using documents::Kind;
using documents::Value;

std::partial_ordering order_of(const Value& a, const Value& b) {
    if (a.kind() != b.kind()) return std::partial_ordering::unordered;
    if (a.kind() == Kind::kNumber) {
        return documents::compare_numbers(a.number().text, b.number().text);
    }
    if (a.kind() != Kind::kString) return std::partial_ordering::unordered;
    if (documents::name_less(a.string(), b.string())) return std::partial_ordering::less;
    if (documents::name_less(b.string(), a.string())) return std::partial_ordering::greater;
    return std::partial_ordering::equivalent;
}

struct Operator {
    std::string_view sign;
    Comparison comparison;
};
/// Longer ones first.
constexpr std::array<Operator, 7> kOperators{{
    {"!=", Comparison::kNotEqual},
    {"<=", Comparison::kLessOrEqual},
    {">=", Comparison::kGreaterOrEqual},
    {"^=", Comparison::kPrefix},
    {"<", Comparison::kLess},
    {">", Comparison::kGreater},
    {"=", Comparison::kEqual},
}};

Result<documents::Pointer> parse_path(std::string_view text, std::string_view field) {
    if (text.empty()) return model::refused(field, text, "it begins with the name of a field");
    if (text.starts_with('/')) return documents::parse_pointer(text, field);
    return documents::Pointer{std::string(text)};
}

bool is_prefix(const Value& prefix, const Value& value) {
    return prefix.kind() == Kind::kString && value.kind() == Kind::kString &&
           value.string().starts_with(prefix.string());
}

}  // namespace

Result<FieldFilter> parse_filter(std::string_view text, std::string_view field) {
    FieldFilter filter;
    const std::size_t at = text.find_first_of("!<>^=");
    if (at == std::string_view::npos && text.ends_with('?')) {
        filter.comparison = Comparison::kExists;
        ANNALS_TRY(filter.path, parse_path(text.substr(0, text.size() - 1), field));
        return filter;
    }
    const std::string_view rest = at == std::string_view::npos ? std::string_view()
                                                               : text.substr(at);
    const auto found = std::find_if(
        kOperators.begin(),
        kOperators.end(),
        [&](const Operator& known) { return rest.starts_with(known.sign); }
    );
    if (found == kOperators.end()) {
        return model::refused(field, text, "a field, then = != < <= > >= ^= and a value, or ?");
    }
    filter.comparison = found->comparison;
    ANNALS_TRY(filter.path, parse_path(text.substr(0, at), field));
    const std::string_view value = rest.substr(found->sign.size());
    auto parsed = documents::parse_document(value, field);
    filter.value = parsed ? std::move(*parsed) : Value(std::string(value));
    return filter;
}

Result<std::string> to_text(const FieldFilter& filter) {
    std::string text = documents::to_text(filter.path);
    if (text.empty() || text.find_first_of("!<>^=") != std::string::npos) {
        return model::refused("where", text, "a field whose name has none of ! < > ^ =");
    }
    if (filter.comparison == Comparison::kExists) return text + "?";
    const auto found = std::find_if(kOperators.begin(), kOperators.end(), [&](const Operator& one) {
        return one.comparison == filter.comparison;
    });
    return text.append(found->sign).append(documents::to_text(filter.value));
}

bool matches(const FieldFilter& filter, const Value& document) {
    const Value* found = documents::find(document, filter.path);
    if (found == nullptr) return filter.comparison == Comparison::kNotEqual;
    switch (filter.comparison) {
        case Comparison::kEqual:
            return documents::is_equal(*found, filter.value);
        case Comparison::kNotEqual:
            return !documents::is_equal(*found, filter.value);
        case Comparison::kLess:
            return order_of(*found, filter.value) < 0;
        case Comparison::kLessOrEqual:
            return order_of(*found, filter.value) <= 0;
        case Comparison::kGreater:
            return order_of(*found, filter.value) > 0;
        case Comparison::kGreaterOrEqual:
            return order_of(*found, filter.value) >= 0;
        case Comparison::kPrefix:
            return is_prefix(filter.value, *found);
        case Comparison::kExists:
            return true;
    }
    return false;
}

}  // namespace annals::entities
