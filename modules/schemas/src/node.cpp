// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "node.hpp"

#include <algorithm>
#include <array>

namespace annals::schemas {
namespace {

using documents::Kind;

struct TypeName {
    std::string_view name;
    std::uint8_t bit;
};
constexpr std::array<TypeName, 7> kTypeNames{{
    {"integer", kIntegerBit},
    {"number", kNumberBit},
    {"string", kStringBit},
    {"boolean", kBooleanBit},
    {"object", kObjectBit},
    {"array", kArrayBit},
    {"null", kNullBit},
}};

}  // namespace

std::uint8_t type_bit(std::string_view name) {
    for (const TypeName& one : kTypeNames) {
        if (one.name == name) return one.bit;
    }
    return 0;
}

std::string types_text(std::uint8_t types) {
    if (types == kEveryType) return "any";
    std::string text;
    for (const TypeName& one : kTypeNames) {
        if ((types & one.bit) == 0) continue;
        if (one.bit == kIntegerBit && (types & kNumberBit) != 0) continue;
        if (!text.empty()) text.append(" or ");
        text.append(one.name);
    }
    return text.empty() ? "nothing" : text;
}

std::uint8_t type_of(const documents::Value& value) {
    switch (value.kind()) {
        case Kind::kNull:
            return kNullBit;
        case Kind::kBoolean:
            return kBooleanBit;
        case Kind::kNumber:
            return documents::decimal_of(value.number().text).is_integer()
                       ? kNumberBit | kIntegerBit
                       : kNumberBit;
        case Kind::kString:
            return kStringBit;
        case Kind::kArray:
            return kArrayBit;
        case Kind::kObject:
            return kObjectBit;
    }
    return 0;
}

const Node* Node::property(std::string_view name) const {
    const auto found = std::lower_bound(
        properties.begin(),
        properties.end(),
        name,
        [](const NamedNode& one, std::string_view wanted) { return one.name < wanted; }
    );
    return found != properties.end() && found->name == name ? found->node : nullptr;
}

}  // namespace annals::schemas
