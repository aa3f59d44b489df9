// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/entities/field_filter.hpp"

#include <compare>

#include "annals/documents/canonical.hpp"

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

bool is_prefix(const Value& prefix, const Value& value) {
    return prefix.kind() == Kind::kString && value.kind() == Kind::kString &&
           value.string().starts_with(prefix.string());
}

}  // namespace

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
