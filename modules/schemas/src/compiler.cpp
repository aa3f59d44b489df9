// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "compiler.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <unordered_map>
#include <utility>

#include "annals/documents/canonical.hpp"
#include "annals/documents/document_text.hpp"
#include "annals/model/refusals.hpp"

#include "decimal.hpp"
#include "registry.hpp"

namespace annals::schemas {
namespace {

using documents::Kind;
using documents::Value;

class Compiler {
  public:
    explicit Compiler(Root& root) : root_(root), registry_(root) {}

    Status run() {
        ANNALS_CHECK(registry_.add_document(root_.text, ""));
        for (const KnownSchema& known : root_.known) {
            ANNALS_CHECK(registry_.add_document(known.schema, known.uri));
        }
        ANNALS_TRY(root_.top, node_of(*registry_.find(root_.text)));
        // What cannot be reached is checked too: a schema is right as a whole.
        // NOLINTNEXTLINE(modernize-loop-convert): fill() adds nodes
        for (std::size_t done = 0; done < root_.nodes.size(); ++done) {
            ANNALS_CHECK(fill(*root_.nodes[done]));
        }
        return check_loops();
    }

  private:
    using Rule = Status (Compiler::*)(Node& node, const Value& value, const std::string& place);
    struct Keyword {
        std::string_view name;
        Rule rule;
    };

    /// Empty, to be filled in turn: references may go round.
    Result<const Node*> node_of(const Location& at) {
        const auto [found, is_new] = root_.by_source.try_emplace(at.value, nullptr);
        if (!is_new) return found->second;
        if (root_.nodes.size() >= kSubschemasMax) {
            return model::too_large(
                "subschemas", root_.nodes.size() + 1, kSubschemasMax, "schemas"
            );
        }
        auto& node = root_.nodes.emplace_back(std::make_unique<Node>());
        node->source = at.value;
        node->resource = at.resource;
        node->place = at.place;
        found->second = node.get();
        return node.get();
    }

    Result<const Node*> child(const Node& node, const Value& value, const std::string& place) {
        if (!value.is_object() && value.kind() != Kind::kBoolean) {
            return not_acceptable(place, value, "a schema is an object, true or false");
        }
        const Location* at = registry_.find(value);
        return node_of(at != nullptr ? *at : Location{&value, node.resource, place});
    }

    Status fill(Node& node) {
        if (node.source->kind() == Kind::kBoolean) {
            node.is_never = !node.source->boolean();
            return ok();
        }
        if (is_draft7()) {
            if (const Value* reference = node.source->find("$ref")) {
                return set_reference(node, *reference, node.place + "/$ref");
            }
        }
        for (const documents::Member& member : node.source->object()) {
            const Keyword* keyword = find_keyword(member.name);
            if (keyword == nullptr) continue;
            const std::string place = node.place + escaped(member.name);
            ANNALS_CHECK((this->*keyword->rule)(node, member.value, place));
        }
        return ok();
    }

    [[nodiscard]] bool is_draft7() const { return root_.draft == Draft::kDraft7; }

    [[nodiscard]] const Keyword* find_keyword(std::string_view name) const;

    // ---- shapes of values ----

    static Result<std::uint64_t> count_of(const Value& value, const std::string& place) {
        if (value.kind() == Kind::kNumber) {
            const auto count = to_count(documents::decimal_of(value.number().text));
            if (count) return *count;
        }
        return not_acceptable(place, value, "it must be an integer from 0 on");
    }

    template <std::optional<std::uint64_t> Node::* member>
    Status set_count(Node& node, const Value& value, const std::string& place) {
        ANNALS_TRY(node.*member, count_of(value, place));
        return ok();
    }

    template <const documents::Number* Node::* member>
    Status set_number(Node& node, const Value& value, const std::string& place) {
        if (value.kind() != Kind::kNumber)
            return not_acceptable(place, value, "it must be a number");
        node.*member = &value.number();
        return ok();
    }

    template <const Node* Node::* member>
    Status set_child(Node& node, const Value& value, const std::string& place) {
        ANNALS_TRY(node.*member, child(node, value, place));
        return ok();
    }

    static Result<std::vector<std::string>> texts_of(const Value& value, const std::string& place) {
        if (!value.is_array()) return not_acceptable(place, value, "it must be an array of texts");
        std::vector<std::string> texts;
        for (const Value& element : value.array()) {
            if (element.kind() != Kind::kString) {
                return not_acceptable(place, value, "it must be an array of texts");
            }
            texts.push_back(element.string());
        }
        std::vector<std::string> sorted = texts;
        std::sort(sorted.begin(), sorted.end());
        if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) {
            return not_acceptable(place, value, "each name is given once");
        }
        return texts;
    }

    template <std::vector<const Node*> Node::* member>
    Status set_children(Node& node, const Value& value, const std::string& place) {
        if (!value.is_array() || value.array().empty()) {
            return not_acceptable(place, value, "it must be an array of at least one schema");
        }
        for (std::size_t i = 0; i < value.array().size(); ++i) {
            ANNALS_TRY(
                const Node* one, child(node, value.array()[i], place + "/" + std::to_string(i))
            );
            (node.*member).push_back(one);
        }
        return ok();
    }

    Result<std::vector<NamedNode>> named_children(
        const Node& node, const Value& value, const std::string& place
    ) {
        if (!value.is_object())
            return not_acceptable(place, value, "it must be an object of schemas");
        std::vector<NamedNode> children;
        for (const documents::Member& one : value.object()) {
            ANNALS_TRY(const Node* made, child(node, one.value, place + escaped(one.name)));
            children.push_back({one.name, made});
        }
        std::sort(children.begin(), children.end(), [](const NamedNode& a, const NamedNode& b) {
            return a.name < b.name;
        });
        return children;
    }

    static Result<patterns::Pattern> pattern_of(
        std::string_view text, const Value& value, const std::string& place
    ) {
        auto pattern = patterns::Pattern::compile(text, place, patterns::Dialect::kEcmaScript);
        if (pattern) return pattern;
        const bool is_long = pattern.error().code() == ErrorCode::kLimitExceeded;
        return not_acceptable(
            place,
            value,
            is_long
                ? "a regular expression has at most 1,024 bytes"
                : "it must be a regular expression: " + std::string(pattern.error().field("reason"))
        );
    }

    // ---- rules ----

    Status set_type(Node& node, const Value& value, const std::string& place) {
        constexpr std::string_view kRule =
            "it must be of integer, number, string, boolean, object, array, null, each once";
        const bool is_one = value.kind() == Kind::kString;
        if (!is_one && (!value.is_array() || value.array().empty())) {
            return not_acceptable(place, value, kRule);
        }
        node.types = 0;
        const documents::Array one = is_one ? documents::Array{value} : value.array();
        for (const Value& name : one) {
            const std::uint8_t bit = name.kind() == Kind::kString ? type_bit(name.string()) : 0;
            if (bit == 0 || (node.types & bit) != 0) return not_acceptable(place, value, kRule);
            node.types |= bit;
        }
        if ((node.types & kNumberBit) != 0) node.types |= kIntegerBit;
        return ok();
    }

    Status set_enum(Node& node, const Value& value, const std::string& place) {
        if (!value.is_array()) return not_acceptable(place, value, "it must be an array of values");
        node.values.emplace();
        for (const Value& one : value.array()) node.values->push_back(documents::canonical(one));
        std::sort(node.values->begin(), node.values->end());
        return ok();
    }

    Status set_constant(Node& node, const Value& value, const std::string&) {
        node.constant = documents::canonical(value);
        return ok();
    }

    Status set_multiple_of(Node& node, const Value& value, const std::string& place) {
        if (value.kind() == Kind::kNumber) {
            documents::Decimal divisor = documents::decimal_of(value.number().text);
            const bool is_good = !divisor.is_zero() && !divisor.is_negative &&
                                 divisor.digits.size() <= kDivisorDigitsMax;
            if (is_good) {
                node.multiple_of = std::move(divisor);
                return ok();
            }
        }
        return not_acceptable(place, value, "it must be a number above 0 of at most 18 digits");
    }

    Status set_pattern(Node& node, const Value& value, const std::string& place) {
        if (value.kind() != Kind::kString) return not_acceptable(place, value, "it must be a text");
        ANNALS_TRY(node.pattern, pattern_of(value.string(), value, place));
        return ok();
    }

    Status set_unique_items(Node& node, const Value& value, const std::string& place) {
        if (value.kind() != Kind::kBoolean) {
            return not_acceptable(place, value, "it must be true or false");
        }
        node.has_unique_items = value.boolean();
        return ok();
    }

    /// Draft 7: one schema for all, or one for each.
    Status set_items(Node& node, const Value& value, const std::string& place) {
        if (!is_draft7() || !value.is_array()) return set_child<&Node::items>(node, value, place);
        if (const Value* more = node.source->find("additionalItems")) {
            ANNALS_TRY(node.items, child(node, *more, node.place + "/additionalItems"));
        }
        if (value.array().empty()) return ok();
        return set_children<&Node::prefix_items>(node, value, place);
    }

    Status check_additional_items(Node& node, const Value& value, const std::string& place) {
        ANNALS_CHECK(child(node, value, place));
        return ok();
    }

    Status set_required(Node& node, const Value& value, const std::string& place) {
        ANNALS_TRY(node.required, texts_of(value, place));
        return ok();
    }

    Status set_properties(Node& node, const Value& value, const std::string& place) {
        ANNALS_TRY(node.properties, named_children(node, value, place));
        return ok();
    }

    Status set_pattern_properties(Node& node, const Value& value, const std::string& place) {
        ANNALS_TRY(const std::vector<NamedNode> children, named_children(node, value, place));
        for (const NamedNode& one : children) {
            const std::string here = place + escaped(one.name);
            ANNALS_TRY(patterns::Pattern pattern, pattern_of(one.name, Value(one.name), here));
            node.pattern_properties.push_back({std::move(pattern), one.node});
        }
        return ok();
    }

    Status set_dependent_required(Node& node, const Value& value, const std::string& place) {
        if (!value.is_object())
            return not_acceptable(place, value, "it must be an object of arrays");
        node.dependency_keyword = "dependentRequired";
        for (const documents::Member& one : value.object()) {
            ANNALS_TRY(auto names, texts_of(one.value, place + escaped(one.name)));
            node.dependent_required.push_back({one.name, std::move(names)});
        }
        return ok();
    }

    Status set_dependent_schemas(Node& node, const Value& value, const std::string& place) {
        ANNALS_TRY(node.dependent_schemas, named_children(node, value, place));
        return ok();
    }

    Status set_dependencies(Node& node, const Value& value, const std::string& place) {
        if (!value.is_object()) {
            return not_acceptable(place, value, "it must be an object of arrays and schemas");
        }
        node.dependency_keyword = "dependencies";
        for (const documents::Member& one : value.object()) {
            const std::string here = place + escaped(one.name);
            if (one.value.is_array()) {
                ANNALS_TRY(auto names, texts_of(one.value, here));
                node.dependent_required.push_back({one.name, std::move(names)});
            } else {
                ANNALS_TRY(const Node* made, child(node, one.value, here));
                node.dependent_schemas.push_back({one.name, made});
            }
        }
        return ok();
    }

    Result<Location> follow(const Node& node, const Value& value, const std::string& place) {
        if (value.kind() != Kind::kString) return not_acceptable(place, value, "it must be a text");
        return registry_.resolve(*node.resource, value.string(), place, value);
    }

    Status set_reference(Node& node, const Value& value, const std::string& place) {
        ANNALS_TRY(const Location at, follow(node, value, place));
        ANNALS_TRY(node.reference, node_of(at));
        return ok();
    }

    Status set_dynamic_reference(Node& node, const Value& value, const std::string& place) {
        ANNALS_TRY(const Location at, follow(node, value, place));
        ANNALS_TRY(node.dynamic_reference, node_of(at));
        const std::size_t hash = value.string().find('#');
        const std::string name = hash == std::string::npos ? "" : value.string().substr(hash + 1);
        const auto anchor = at.resource->dynamic_anchors.find(name);
        if (anchor == at.resource->dynamic_anchors.end() || anchor->second != at.value) return ok();
        node.dynamic_name = name;
        // Whichever of this name may be meant.
        for (const auto& resource : root_.resources) {
            const auto other = resource->dynamic_anchors.find(name);
            if (other == resource->dynamic_anchors.end()) continue;
            ANNALS_CHECK(node_of(*registry_.find(*other->second)));
        }
        return ok();
    }

    template <const Node* Node::* member>
    Status set_unevaluated(Node& node, const Value& value, const std::string& place) {
        root_.has_unevaluated = true;
        return set_child<member>(node, value, place);
    }

    Status check_definitions(Node& node, const Value& value, const std::string& place) {
        ANNALS_CHECK(named_children(node, value, place));
        return ok();
    }

    Status check_dialect(Node& node, const Value& value, const std::string& place) {
        if (value.kind() != Kind::kString) return not_acceptable(place, value, "it must be a text");
        const auto draft = parse_draft(value.string());
        if (!draft) {
            return not_acceptable(place, value, "drafts 7 and 2020-12 are understood, no others");
        }
        if (*draft == root_.draft || node.source == &root_.text) return ok();
        return not_acceptable(place, value, "it must be the draft of the whole schema");
    }

    // ---- loops that go into no value ----

    static void for_each_in_place(const Node& node, const std::function<void(const Node*)>& visit) {
        visit(node.reference);
        // One that is dynamic may lead elsewhere: the evaluation's depth bounds it.
        if (node.dynamic_name.empty()) visit(node.dynamic_reference);
        for (const auto* list : {&node.all_of, &node.any_of, &node.one_of}) {
            for (const Node* one : *list) visit(one);
        }
        for (const NamedNode& one : node.dependent_schemas) visit(one.node);
        visit(node.negated);
        visit(node.condition);
        visit(node.consequence);
        visit(node.alternative);
    }

    /// Kahn's: what is left after taking away, again and again, all that lead nowhere.
    Status check_loops() {
        std::unordered_map<const Node*, std::vector<const Node*>> users;
        std::unordered_map<const Node*, std::size_t> open;
        std::vector<const Node*> free;
        for (const auto& node : root_.nodes) {
            std::size_t edges = 0;
            for_each_in_place(*node, [&](const Node* to) {
                if (to == nullptr) return;
                users[to].push_back(node.get());
                ++edges;
            });
            if (edges == 0) free.push_back(node.get());
            open[node.get()] = edges;
        }
        std::size_t done = 0;
        while (!free.empty()) {
            const Node* node = free.back();
            free.pop_back();
            ++done;
            for (const Node* user : users[node]) {
                if (--open[user] == 0) free.push_back(user);
            }
        }
        if (done == root_.nodes.size()) return ok();
        for (const auto& node : root_.nodes) {
            if (open[node.get()] == 0 || node->reference == nullptr) continue;
            return not_acceptable(
                node->place + "/$ref",
                *node->source->find("$ref"),
                "it leads back to itself without going into the document"
            );
        }
        return not_acceptable("", root_.text, "it leads back to itself");
    }

    static const std::array<Keyword, 32> kCommon;
    static const std::array<Keyword, 2> kOf7;
    static const std::array<Keyword, 10> kOf2020;

    Root& root_;
    Registry registry_;
};

const std::array<Compiler::Keyword, 32> Compiler::kCommon{{
    {"multipleOf", &Compiler::set_multiple_of},
    {"maximum", &Compiler::set_number<&Node::maximum>},
    {"minimum", &Compiler::set_number<&Node::minimum>},
    {"exclusiveMaximum", &Compiler::set_number<&Node::exclusive_maximum>},
    {"exclusiveMinimum", &Compiler::set_number<&Node::exclusive_minimum>},
    {"maxLength", &Compiler::set_count<&Node::max_length>},
    {"minLength", &Compiler::set_count<&Node::min_length>},
    {"pattern", &Compiler::set_pattern},
    {"type", &Compiler::set_type},
    {"enum", &Compiler::set_enum},
    {"const", &Compiler::set_constant},
    {"items", &Compiler::set_items},
    {"maxItems", &Compiler::set_count<&Node::max_items>},
    {"minItems", &Compiler::set_count<&Node::min_items>},
    {"uniqueItems", &Compiler::set_unique_items},
    {"contains", &Compiler::set_child<&Node::contains>},
    {"maxProperties", &Compiler::set_count<&Node::max_properties>},
    {"minProperties", &Compiler::set_count<&Node::min_properties>},
    {"required", &Compiler::set_required},
    {"properties", &Compiler::set_properties},
    {"patternProperties", &Compiler::set_pattern_properties},
    {"additionalProperties", &Compiler::set_child<&Node::additional_properties>},
    {"propertyNames", &Compiler::set_child<&Node::property_names>},
    {"allOf", &Compiler::set_children<&Node::all_of>},
    {"anyOf", &Compiler::set_children<&Node::any_of>},
    {"oneOf", &Compiler::set_children<&Node::one_of>},
    {"not", &Compiler::set_child<&Node::negated>},
    {"if", &Compiler::set_child<&Node::condition>},
    {"then", &Compiler::set_child<&Node::consequence>},
    {"else", &Compiler::set_child<&Node::alternative>},
    {"definitions", &Compiler::check_definitions},
    {"$schema", &Compiler::check_dialect},
}};

const std::array<Compiler::Keyword, 2> Compiler::kOf7{{
    {"dependencies", &Compiler::set_dependencies},
    {"additionalItems", &Compiler::check_additional_items},
}};

const std::array<Compiler::Keyword, 10> Compiler::kOf2020{{
    {"$ref", &Compiler::set_reference},
    {"$dynamicRef", &Compiler::set_dynamic_reference},
    {"$defs", &Compiler::check_definitions},
    {"prefixItems", &Compiler::set_children<&Node::prefix_items>},
    {"maxContains", &Compiler::set_count<&Node::max_contains>},
    {"minContains", &Compiler::set_count<&Node::min_contains>},
    {"dependentRequired", &Compiler::set_dependent_required},
    {"dependentSchemas", &Compiler::set_dependent_schemas},
    {"unevaluatedItems", &Compiler::set_unevaluated<&Node::unevaluated_items>},
    {"unevaluatedProperties", &Compiler::set_unevaluated<&Node::unevaluated_properties>},
}};

const Compiler::Keyword* Compiler::find_keyword(std::string_view name) const {
    const auto look = [&](const auto& keywords) -> const Keyword* {
        for (const Keyword& keyword : keywords) {
            if (keyword.name == name) return &keyword;
        }
        return nullptr;
    };
    if (const Keyword* keyword = look(kCommon)) return keyword;
    return is_draft7() ? look(kOf7) : look(kOf2020);
}

/// What the options or `$schema` say.
Result<Draft> draft_of(const Value& schema, const CompileOptions& options) {
    if (options.draft) return *options.draft;
    const Value* said = schema.find("$schema");
    if (said == nullptr) return Draft::k202012;
    if (said->kind() == Kind::kString) {
        if (const auto draft = parse_draft(said->string())) return *draft;
    }
    return not_acceptable("/$schema", *said, "drafts 7 and 2020-12 are understood, no others");
}

}  // namespace

Result<std::shared_ptr<const Root>> compile_root(const Value& schema, CompileOptions options) {
    if (!schema.is_object() && schema.kind() != Kind::kBoolean) {
        return not_acceptable("", schema, "a schema is an object, true or false");
    }
    const std::size_t bytes = documents::to_text(schema).size();
    if (bytes > kSchemaBytesMax) return model::too_large("schema", bytes, kSchemaBytesMax, "bytes");
    auto root = std::make_shared<Root>();
    ANNALS_TRY(root->draft, draft_of(schema, options));
    root->text = schema;
    root->known = std::move(options.known);
    ANNALS_CHECK(Compiler(*root).run());
    return std::shared_ptr<const Root>(std::move(root));
}

}  // namespace annals::schemas
