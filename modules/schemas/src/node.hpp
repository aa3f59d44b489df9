// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "annals/documents/decimal.hpp"
#include "annals/documents/value.hpp"
#include "annals/patterns/pattern.hpp"
#include "annals/schemas/schema.hpp"

namespace annals::schemas {

/// The kinds of `type` as bits.
enum TypeBit : std::uint8_t {
    kNullBit = 1,
    kBooleanBit = 2,
    kNumberBit = 4,
    kStringBit = 8,
    kArrayBit = 16,
    kObjectBit = 32,
    kIntegerBit = 64,
};
inline constexpr std::uint8_t kEveryType = kNullBit | kBooleanBit | kNumberBit | kStringBit |
                                           kArrayBit | kObjectBit | kIntegerBit;
/// "integer", "number", …; 0 for anything else.
std::uint8_t type_bit(std::string_view name);
/// "number or null".
std::string types_text(std::uint8_t types);
/// A number that is an integer has both bits.
std::uint8_t type_of(const documents::Value& value);

/// A part of a schema with an address of its own, and the names in it.
struct Resource {
    std::string uri;
    const documents::Value* root = nullptr;
    std::string place;  ///< of its root in its document
    std::map<std::string, const documents::Value*, std::less<>> anchors;
    std::map<std::string, const documents::Value*, std::less<>> dynamic_anchors;
};

struct Node;
struct NamedNode {
    std::string name;
    const Node* node;
};
struct PatternNode {
    patterns::Pattern pattern;
    const Node* node;
};
struct Dependency {
    std::string name;
    std::vector<std::string> required;
};
/// Values by their canonical texts, sorted.
using CanonicalSet = std::vector<std::string>;

/// One schema of a schema: its rules, looked up and checked. A null pointer, nothing or an empty
/// list where a rule is not there.
struct Node {
    const documents::Value* source = nullptr;
    const Resource* resource = nullptr;
    std::string place;  ///< pointer into its document, behind the document's address
    bool is_never = false;

    std::uint8_t types = kEveryType;
    std::optional<CanonicalSet> values;  ///< enum
    std::optional<std::string> constant;
    const documents::Number* maximum = nullptr;
    const documents::Number* minimum = nullptr;
    const documents::Number* exclusive_maximum = nullptr;
    const documents::Number* exclusive_minimum = nullptr;
    std::optional<documents::Decimal> multiple_of;
    std::optional<std::uint64_t> max_length;
    std::optional<std::uint64_t> min_length;
    std::optional<patterns::Pattern> pattern;

    std::optional<std::uint64_t> max_items;
    std::optional<std::uint64_t> min_items;
    bool has_unique_items = false;
    std::vector<const Node*> prefix_items;
    const Node* items = nullptr;
    const Node* contains = nullptr;
    std::optional<std::uint64_t> max_contains;
    std::optional<std::uint64_t> min_contains;
    const Node* unevaluated_items = nullptr;

    std::optional<std::uint64_t> max_properties;
    std::optional<std::uint64_t> min_properties;
    std::vector<std::string> required;
    std::vector<NamedNode> properties;  ///< sorted by bytes
    std::vector<PatternNode> pattern_properties;
    const Node* additional_properties = nullptr;
    const Node* property_names = nullptr;
    std::vector<Dependency> dependent_required;
    std::vector<NamedNode> dependent_schemas;
    std::string_view dependency_keyword;  ///< of dependent_required: as the draft calls it
    const Node* unevaluated_properties = nullptr;

    const Node* reference = nullptr;
    const Node* dynamic_reference = nullptr;
    std::string dynamic_name;  ///< empty: the dynamic reference is a plain one
    std::vector<const Node*> all_of;
    std::vector<const Node*> any_of;
    std::vector<const Node*> one_of;
    const Node* negated = nullptr;
    const Node* condition = nullptr;
    const Node* consequence = nullptr;
    const Node* alternative = nullptr;

    [[nodiscard]] const Node* property(std::string_view name) const;
};

/// A compiled schema: owns all that its nodes point to; does not move.
struct Root {
    Draft draft = Draft::k202012;
    documents::Value text;
    std::vector<KnownSchema> known;
    std::vector<std::unique_ptr<Resource>> resources;
    std::vector<std::unique_ptr<Node>> nodes;
    std::unordered_map<const documents::Value*, const Node*> by_source;
    const Node* top = nullptr;
    bool has_unevaluated = false;
};

/// For the other halves of this module.
class SchemaAccess {
  public:
    static const Root& root_of(const Schema& schema) { return *schema.root_; }
    static Schema make(std::shared_ptr<const Root> root) { return Schema(std::move(root)); }
};

}  // namespace annals::schemas
