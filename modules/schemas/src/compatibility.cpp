// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/schemas/compatibility.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <set>
#include <utility>

#include "annals/documents/canonical.hpp"
#include "annals/documents/document_text.hpp"
#include "annals/documents/pointer.hpp"
#include "annals/model/refusals.hpp"

#include "decimal.hpp"
#include "evaluator.hpp"
#include "node.hpp"
#include "shown.hpp"

namespace annals::schemas {
namespace {

using documents::Number;
using documents::Value;

constexpr std::size_t kEffortMax = 200'000;
constexpr int kNestingMax = 200;
constexpr std::size_t kBranchesMax = 64;
/// Of one break in words.

constexpr std::array<std::string_view, 4> kNames{"none", "backward", "forward", "full"};

/// Schemas that all hold for a value.
using Facts = std::vector<const Node*>;

bool has_reference(const Value& value) {
    if (value.is_array()) {
        return std::any_of(value.array().begin(), value.array().end(), has_reference);
    }
    if (!value.is_object()) return false;
    return std::any_of(value.object().begin(), value.object().end(), [](const auto& member) {
        return member.name == "$ref" || member.name == "$dynamicRef" || has_reference(member.value);
    });
}

bool is_dynamic(const Root& root) {
    return std::any_of(root.nodes.begin(), root.nodes.end(), [](const auto& node) {
        return !node->dynamic_name.empty();
    });
}

/// Whether everything that `narrow` takes is taken by `wide`: a proof, or what stands in its way.
class Prover {
  public:
    Prover(const Root& narrow, const Root& wide, bool is_forward, Comparison& result)
        : narrow_(narrow), wide_(wide), is_forward_(is_forward), result_(result) {
        is_dynamic_ = is_dynamic(narrow) || is_dynamic(wide);
        is_same_text_ = narrow.draft == wide.draft && documents::is_equal(narrow.text, wide.text);
    }

    void run() { prove({narrow_.top}, *wide_.top, &result_); }

  private:
    using Sink = Comparison*;

    bool spend() { return ++effort_ <= kEffortMax; }

    void note(
        Sink sink, const Node& node, std::string_view keyword, std::string message, bool is_certain
    ) {
        if (sink == nullptr) return;
        Break found{node.place, std::string(keyword), std::move(message), is_certain, is_forward_};
        if (std::find(sink->breaks.begin(), sink->breaks.end(), found) != sink->breaks.end())
            return;
        if (sink->breaks.size() >= kBreaksMax) {
            sink->has_more = true;
        } else {
            sink->breaks.push_back(std::move(found));
        }
    }

    bool narrows(Sink sink, const Node& node, std::string_view keyword, std::string message) {
        note(sink, node, keyword, std::move(message), true);
        return false;
    }
    bool unknown(Sink sink, const Node& node, std::string_view keyword, std::string message) {
        note(sink, node, keyword, std::move(message) + ": not provable", false);
        return false;
    }

    // ---- facts ----

    /// The node and what it refers to, all of which hold for the same value.
    Facts spread(const Facts& from) {
        Facts all;
        std::vector<const Node*> open(from.rbegin(), from.rend());
        while (!open.empty() && spend()) {
            const Node* node = open.back();
            open.pop_back();
            if (node == nullptr || std::find(all.begin(), all.end(), node) != all.end()) continue;
            all.push_back(node);
            open.push_back(node->reference);
            if (node->dynamic_name.empty()) open.push_back(node->dynamic_reference);
            open.insert(open.end(), node->all_of.begin(), node->all_of.end());
        }
        return all;
    }

    static std::uint8_t types_of(const Facts& facts) {
        std::uint8_t types = kEveryType;
        for (const Node* fact : facts) {
            if (fact->is_never) return 0;
            types &= fact->types;
        }
        return types;
    }

    /// Nothing at all: the facts say a value of a list.
    static const documents::Array* values_of(const Facts& facts, documents::Array& constant) {
        for (const Node* fact : facts) {
            if (fact->constant) {
                constant = {*fact->source->find("const")};
                return &constant;
            }
        }
        for (const Node* fact : facts) {
            if (fact->values) return &fact->source->find("enum")->array();
        }
        return nullptr;
    }

    /// What holds for the member of this name; nothing where one fact forbids it.
    static std::optional<Facts> member_facts(const Facts& facts, const std::string& name) {
        Facts inner;
        for (const Node* fact : facts) {
            bool is_known = false;
            const auto add = [&](const Node* node) {
                is_known = true;
                inner.push_back(node);
            };
            if (const Node* node = fact->property(name)) add(node);
            for (const PatternNode& one : fact->pattern_properties) {
                const Result<bool> found = one.pattern.matches(name);
                if (!found) is_known = true;  // then nobody knows: it says nothing
                if (found && *found) add(one.node);
            }
            if (!is_known && fact->additional_properties != nullptr)
                add(fact->additional_properties);
        }
        for (const Node* node : inner) {
            if (node->is_never) return std::nullopt;
        }
        return inner;
    }

    static std::optional<Facts> element_facts(const Facts& facts, std::size_t index) {
        Facts inner;
        for (const Node* fact : facts) {
            const bool is_named = index < fact->prefix_items.size();
            const Node* node = is_named ? fact->prefix_items[index] : fact->items;
            if (node != nullptr) inner.push_back(node);
        }
        for (const Node* node : inner) {
            if (node->is_never) return std::nullopt;
        }
        return inner;
    }

    // ---- the proof ----

    bool prove(const Facts& given, const Node& goal, Sink sink) {
        if (goal.source->kind() == documents::Kind::kBoolean && !goal.is_never) return true;
        if (!spend() || ++nesting_ > kNestingMax) {
            if (nesting_ > 0) --nesting_;
            return unknown(sink, goal, "", "it takes too many steps");
        }
        // Inside a value of the same kind again: what is to be proven may be assumed.
        const auto key = std::pair(given, &goal);
        if (!assumed_.insert(key).second) {
            --nesting_;
            return true;
        }
        const bool is_proven = prove_new(given, goal, sink);
        assumed_.erase(key);
        --nesting_;
        return is_proven;
    }

    bool prove_new(const Facts& given, const Node& goal, Sink sink) {
        const Facts facts = spread(given);
        if (types_of(facts) == 0) return true;
        for (const Node* fact : facts) {
            if (is_same(*fact, goal)) return true;
        }
        documents::Array constant;
        // A node alone takes what it takes in its place only where nothing is dynamic.
        if (const documents::Array* values = is_dynamic_ ? nullptr : values_of(facts, constant)) {
            return prove_values(facts, *values, goal, sink);
        }
        if (prove_rules(facts, goal, nullptr)) return true;
        if (prove_by_cases(facts, goal)) return true;
        return sink != nullptr && prove_rules(facts, goal, sink);
    }

    /// Same rules, by their texts; with references only where everything is the same.
    bool is_same(const Node& fact, const Node& goal) const {
        if (&fact == &goal) return true;
        if (narrow_.draft != wide_.draft) return false;
        if (is_same_text_ && fact.place == goal.place && fact.resource->uri == goal.resource->uri) {
            return true;
        }
        if (has_reference(*fact.source) || has_reference(*goal.source)) return false;
        return documents::is_equal(*fact.source, *goal.source);
    }

    /// Few values: each is tried.
    bool prove_values(
        const Facts& facts, const documents::Array& values, const Node& goal, Sink sink
    ) {
        for (const Value& value : values) {
            if (!spend()) return unknown(sink, goal, "", "it takes too many steps");
            const bool is_there = std::all_of(facts.begin(), facts.end(), [&](const Node* fact) {
                const Result<bool> held = is_valid(narrow_, *fact, value);
                return !held || *held;
            });
            if (!is_there) continue;
            const Result<bool> held = is_valid(wide_, goal, value);
            if (!held) return unknown(sink, goal, "enum", shown(value) + " takes too many steps");
            if (*held) continue;
            const std::string_view keyword = goal.values ? "enum" : goal.constant ? "const" : "";
            return narrows(sink, goal, keyword, shown(value) + " is not taken any more");
        }
        return true;
    }

    /// Where the facts leave a choice, each of its branches may prove the goal alone.
    bool prove_by_cases(const Facts& facts, const Node& goal) {
        for (const Node* fact : facts) {
            for (const auto* branches : {&fact->any_of, &fact->one_of}) {
                if (branches->empty() || branches->size() > kBranchesMax) continue;
                // A choice is made once: its node leaves the facts.
                if (std::find(chosen_.begin(), chosen_.end(), branches) != chosen_.end()) continue;
                chosen_.push_back(branches);
                const bool is_proven = std::all_of(
                    branches->begin(),
                    branches->end(),
                    [&](const Node* branch) {
                        Facts with = facts;
                        with.push_back(branch);
                        return prove_new(with, goal, nullptr);
                    }
                );
                chosen_.pop_back();
                if (is_proven) return true;
            }
        }
        return false;
    }

    bool prove_rules(const Facts& facts, const Node& goal, Sink sink) {
        if (goal.is_never) {
            return narrows(sink, goal, "", "it takes nothing any more");
        }
        bool is_proven = true;
        const auto need = [&](bool (Prover::*rule)(const Facts&, const Node&, Sink)) {
            if (is_proven || sink != nullptr)
                is_proven = (this->*rule)(facts, goal, sink) && is_proven;
        };
        need(&Prover::prove_type);
        need(&Prover::prove_list_of_values);
        const std::uint8_t types = types_of(facts);
        if ((types & (kNumberBit | kIntegerBit)) != 0) need(&Prover::prove_number);
        if ((types & kStringBit) != 0) need(&Prover::prove_text);
        if ((types & kArrayBit) != 0) need(&Prover::prove_array);
        if ((types & kObjectBit) != 0) need(&Prover::prove_object);
        need(&Prover::prove_references);
        need(&Prover::prove_combinations);
        need(&Prover::prove_opaque);
        return is_proven;
    }

    bool prove_type(const Facts& facts, const Node& goal, Sink sink) {
        const std::uint8_t types = types_of(facts);
        if ((types & ~goal.types) == 0) return true;
        return narrows(
            sink, goal, "type", types_text(types) + " → " + types_text(goal.types) + " narrows"
        );
    }

    bool prove_list_of_values(const Facts&, const Node& goal, Sink sink) {
        // Facts that name their values were tried one by one.
        if (goal.constant) {
            return narrows(
                sink, goal, "const", "any → " + shown(*goal.source->find("const")) + " narrows"
            );
        }
        if (goal.values) {
            return narrows(
                sink, goal, "enum", "any → " + shown(*goal.source->find("enum")) + " narrows"
            );
        }
        return true;
    }

    /// The closest bound of the facts on one side.
    struct Bound {
        const Number* number = nullptr;
        bool is_exclusive = false;
    };
    static Bound bound_of(const Facts& facts, bool is_upper) {
        Bound bound;
        const auto offer = [&](const Number* number, bool is_exclusive) {
            if (number == nullptr) return;
            if (bound.number != nullptr) {
                const auto order = documents::compare_numbers(number->text, bound.number->text);
                const bool is_closer = is_upper ? order < 0 : order > 0;
                if (!is_closer && !(order == 0 && is_exclusive)) return;
            }
            bound = {number, is_exclusive};
        };
        for (const Node* fact : facts) {
            offer(is_upper ? fact->maximum : fact->minimum, false);
            offer(is_upper ? fact->exclusive_maximum : fact->exclusive_minimum, true);
        }
        return bound;
    }

    bool prove_bound(
        const Facts& facts,
        const Node& goal,
        Sink sink,
        const Number* wanted,
        bool is_upper,
        bool is_exclusive
    ) {
        if (wanted == nullptr) return true;
        const Bound bound = bound_of(facts, is_upper);
        if (bound.number != nullptr) {
            const auto order = documents::compare_numbers(bound.number->text, wanted->text);
            if (is_upper ? order < 0 : order > 0) return true;
            if (order == 0 && (!is_exclusive || bound.is_exclusive)) return true;
        }
        std::string keyword = is_upper ? "maximum" : "minimum";
        if (is_exclusive) keyword = is_upper ? "exclusiveMaximum" : "exclusiveMinimum";
        return narrows(
            sink,
            goal,
            keyword,
            (bound.number == nullptr ? "none" : bound.number->text) + " → " + wanted->text +
                " narrows"
        );
    }

    bool prove_number(const Facts& facts, const Node& goal, Sink sink) {
        bool is_proven = prove_bound(facts, goal, sink, goal.maximum, true, false);
        is_proven = prove_bound(facts, goal, sink, goal.exclusive_maximum, true, true) && is_proven;
        is_proven = prove_bound(facts, goal, sink, goal.minimum, false, false) && is_proven;
        is_proven = prove_bound(facts, goal, sink, goal.exclusive_minimum, false, true) &&
                    is_proven;
        if (!goal.multiple_of) return is_proven;
        const bool are_integers = (types_of(facts) & kNumberBit) == 0;
        if (are_integers && is_multiple(documents::decimal_of("1"), *goal.multiple_of))
            return is_proven;
        for (const Node* fact : facts) {
            if (fact->multiple_of && is_multiple(*fact->multiple_of, *goal.multiple_of))
                return is_proven;
        }
        return narrows(
            sink,
            goal,
            "multipleOf",
            "any → " + shown(*goal.source->find("multipleOf")) + " narrows"
        );
    }

    bool prove_count(
        const Facts& facts,
        const Node& goal,
        Sink sink,
        std::string_view keyword,
        std::optional<std::uint64_t> Node::* member,
        bool is_upper
    ) {
        const std::optional<std::uint64_t>& wanted = goal.*member;
        if (!wanted || (!is_upper && *wanted == 0)) return true;
        std::optional<std::uint64_t> bound;
        for (const Node* fact : facts) {
            const std::optional<std::uint64_t>& one = fact->*member;
            if (!one) continue;
            if (!bound || (is_upper ? *one < *bound : *one > *bound)) bound = one;
        }
        if (bound && (is_upper ? *bound <= *wanted : *bound >= *wanted)) return true;
        return narrows(
            sink,
            goal,
            keyword,
            (bound ? std::to_string(*bound) : std::string("none")) + " → " +
                std::to_string(*wanted) + " narrows"
        );
    }

    bool prove_text(const Facts& facts, const Node& goal, Sink sink) {
        bool is_proven = prove_count(facts, goal, sink, "maxLength", &Node::max_length, true);
        is_proven = prove_count(facts, goal, sink, "minLength", &Node::min_length, false) &&
                    is_proven;
        if (!goal.pattern) return is_proven;
        for (const Node* fact : facts) {
            if (fact->pattern && fact->pattern->text() == goal.pattern->text()) return is_proven;
        }
        return unknown(sink, goal, "pattern", "\"" + goal.pattern->text() + "\" is new");
    }

    bool prove_array(const Facts& facts, const Node& goal, Sink sink) {
        bool is_proven = prove_count(facts, goal, sink, "maxItems", &Node::max_items, true);
        is_proven = prove_count(facts, goal, sink, "minItems", &Node::min_items, false) &&
                    is_proven;
        const bool are_unique = std::any_of(facts.begin(), facts.end(), [](const Node* fact) {
            return fact->has_unique_items;
        });
        if (goal.has_unique_items && !are_unique) {
            is_proven = narrows(sink, goal, "uniqueItems", "false → true narrows");
        }
        if (goal.prefix_items.empty() && goal.items == nullptr) return is_proven;
        // One place after the last that anybody names stands for all that follow.
        std::size_t places = goal.prefix_items.size();
        for (const Node* fact : facts) places = std::max(places, fact->prefix_items.size());
        for (std::size_t i = 0; i <= places; ++i) {
            const bool is_named = i < goal.prefix_items.size();
            const Node* wanted = is_named ? goal.prefix_items[i] : goal.items;
            if (wanted == nullptr) continue;
            if (const auto inner = element_facts(facts, i)) {
                is_proven = prove(*inner, *wanted, sink) && is_proven;
            } else {
                break;  // no element is here, so none behind it
            }
        }
        return is_proven;
    }

    bool prove_object(const Facts& facts, const Node& goal, Sink sink) {
        bool is_proven = prove_count(
            facts, goal, sink, "maxProperties", &Node::max_properties, true
        );
        is_proven = prove_count(facts, goal, sink, "minProperties", &Node::min_properties, false) &&
                    is_proven;
        for (const std::string& name : goal.required) {
            const bool is_there = std::any_of(facts.begin(), facts.end(), [&](const Node* fact) {
                return std::find(fact->required.begin(), fact->required.end(), name) !=
                       fact->required.end();
            });
            if (is_there) continue;
            is_proven = narrows(
                sink, goal, "required", documents::to_text(Value(name)) + " is required now"
            );
        }
        is_proven = prove_members(facts, goal, sink) && is_proven;
        is_proven = prove_other_members(facts, goal, sink) && is_proven;
        is_proven = prove_names(facts, goal, sink) && is_proven;
        return prove_dependencies(facts, goal, sink) && is_proven;
    }

    /// The members that the goal names.
    bool prove_members(const Facts& facts, const Node& goal, Sink sink) {
        bool is_proven = true;
        for (const NamedNode& one : goal.properties) {
            const auto inner = member_facts(facts, one.name);
            if (inner) is_proven = prove(*inner, *one.node, sink) && is_proven;
        }
        return is_proven;
    }

    static bool is_covered(const Node& goal, const std::string& name, bool& is_known) {
        if (goal.property(name) != nullptr) return true;
        for (const PatternNode& one : goal.pattern_properties) {
            const Result<bool> found = one.pattern.matches(name);
            if (!found) is_known = false;
            if (found && *found) return true;
        }
        return false;
    }

    /// Members by pattern, and those that nobody names.
    bool prove_other_members(const Facts& facts, const Node& goal, Sink sink) {
        bool is_proven = true;
        const bool is_closed = std::any_of(facts.begin(), facts.end(), [](const Node* fact) {
            return fact->additional_properties != nullptr &&
                   fact->additional_properties->is_never && fact->pattern_properties.empty();
        });
        // Names that the facts know of, one by one.
        std::set<std::string> names;
        for (const Node* fact : facts) {
            for (const NamedNode& one : fact->properties) names.insert(one.name);
        }
        for (const std::string& name : names) {
            const auto inner = member_facts(facts, name);
            if (!inner) continue;
            bool is_known = true;
            for (const PatternNode& one : goal.pattern_properties) {
                const Result<bool> found = one.pattern.matches(name);
                if (found && !*found) continue;
                is_proven = prove(*inner, *one.node, sink) && is_proven;
            }
            if (goal.additional_properties == nullptr) continue;
            if (is_covered(goal, name, is_known) && is_known) continue;
            is_proven = prove_new_or_named(*inner, goal, name, sink) && is_proven;
        }
        if (is_closed) return is_proven;
        // All other names, which any of the facts' patterns may or may not describe.
        for (const PatternNode& one : goal.pattern_properties) {
            is_proven = prove(open_facts(facts, &one.pattern), *one.node, sink) && is_proven;
        }
        if (goal.additional_properties == nullptr) return is_proven;
        if (goal.additional_properties->is_never) {
            const bool has_patterns = std::any_of(facts.begin(), facts.end(), [](const Node* fact) {
                return !fact->pattern_properties.empty();
            });
            if (has_patterns) {
                return unknown(sink, goal, "additionalProperties", "names by pattern → closed");
            }
            return narrows(sink, goal, "additionalProperties", "open → closed narrows");
        }
        return prove(open_facts(facts, nullptr), *goal.additional_properties, sink) && is_proven;
    }

    bool prove_new_or_named(
        const Facts& inner, const Node& goal, const std::string& name, Sink sink
    ) {
        if (!goal.additional_properties->is_never) {
            return prove(inner, *goal.additional_properties, sink);
        }
        if (types_of(spread(inner)) == 0) return true;
        return narrows(
            sink,
            goal,
            "additionalProperties",
            "member " + documents::to_text(Value(name)) + " is not taken any more"
        );
    }

    /// What holds for members that no fact names: where a fact has no patterns, what it says of
    /// additional ones; and what it says of the names of this very pattern.
    static Facts open_facts(const Facts& facts, const patterns::Pattern* pattern) {
        Facts inner;
        for (const Node* fact : facts) {
            const bool is_sure = fact->additional_properties != nullptr &&
                                 fact->pattern_properties.empty();
            if (is_sure) inner.push_back(fact->additional_properties);
            for (const PatternNode& one : fact->pattern_properties) {
                if (pattern != nullptr && one.pattern.text() == pattern->text()) {
                    inner.push_back(one.node);
                }
            }
        }
        return inner;
    }

    bool prove_names(const Facts& facts, const Node& goal, Sink sink) {
        if (goal.property_names == nullptr) return true;
        Facts inner;
        for (const Node* fact : facts) {
            if (fact->property_names != nullptr) inner.push_back(fact->property_names);
        }
        if (prove(inner, *goal.property_names, nullptr)) return true;
        return unknown(sink, goal, "propertyNames", "names are narrowed");
    }

    bool prove_dependencies(const Facts& facts, const Node& goal, Sink sink) {
        bool is_proven = true;
        for (const Dependency& wanted : goal.dependent_required) {
            const auto inner = member_facts(facts, wanted.name);
            if (!inner) continue;
            for (const std::string& name : wanted.required) {
                const bool is_there = std::any_of(
                    facts.begin(),
                    facts.end(),
                    [&](const Node* fact) { return requires_with(*fact, wanted.name, name); }
                );
                if (is_there) continue;
                is_proven = narrows(
                    sink,
                    goal,
                    goal.dependency_keyword,
                    documents::to_text(Value(name)) + " is required now with " +
                        documents::to_text(Value(wanted.name))
                );
            }
        }
        for (const NamedNode& wanted : goal.dependent_schemas) {
            if (!member_facts(facts, wanted.name)) continue;
            Facts with = facts;
            for (const Node* fact : facts) {
                for (const NamedNode& one : fact->dependent_schemas) {
                    if (one.name == wanted.name) with.push_back(one.node);
                }
            }
            is_proven = prove(with, *wanted.node, sink) && is_proven;
        }
        return is_proven;
    }

    static bool requires_with(const Node& fact, const std::string& with, const std::string& name) {
        const auto has = [&](const std::vector<std::string>& names) {
            return std::find(names.begin(), names.end(), name) != names.end();
        };
        if (has(fact.required)) return true;
        return std::any_of(
            fact.dependent_required.begin(),
            fact.dependent_required.end(),
            [&](const Dependency& one) { return one.name == with && has(one.required); }
        );
    }

    bool prove_references(const Facts& facts, const Node& goal, Sink sink) {
        bool is_proven = true;
        if (goal.reference != nullptr) is_proven = prove(facts, *goal.reference, sink);
        if (goal.dynamic_reference == nullptr) return is_proven;
        if (goal.dynamic_name.empty())
            return prove(facts, *goal.dynamic_reference, sink) && is_proven;
        return unknown(sink, goal, "$dynamicRef", "it depends on the way to it");
    }

    bool prove_combinations(const Facts& facts, const Node& goal, Sink sink) {
        bool is_proven = true;
        for (const Node* one : goal.all_of) is_proven = prove(facts, *one, sink) && is_proven;
        if (!goal.any_of.empty()) {
            const bool has_one = std::any_of(
                goal.any_of.begin(),
                goal.any_of.end(),
                [&](const Node* one) { return prove(facts, *one, nullptr); }
            );
            if (!has_one) {
                is_proven = unknown(sink, goal, "anyOf", "none of the schemas takes it all");
            }
        }
        if (!goal.one_of.empty()) is_proven = prove_same(facts, goal, sink, {"oneOf"}) && is_proven;
        return is_proven;
    }

    /// Beside a reference draft 7 counts nothing, so the text says nothing.
    bool counts_as_written(const Node& fact) const {
        return narrow_.draft != Draft::kDraft7 || fact.reference == nullptr;
    }

    /// Rules that are taken as they are: some fact has all of them with the same texts.
    bool prove_same(
        const Facts& facts,
        const Node& goal,
        Sink sink,
        const std::vector<std::string_view>& keywords
    ) {
        const auto is_it = [&](const Node* fact) {
            return counts_as_written(*fact) &&
                   std::all_of(keywords.begin(), keywords.end(), [&](std::string_view keyword) {
                       const Value* wanted = goal.source->find(keyword);
                       const Value* one = fact->source->find(keyword);
                       if (wanted == nullptr || one == nullptr) return wanted == one;
                       return !has_reference(*wanted) && documents::is_equal(*one, *wanted);
                   });
        };
        if (narrow_.draft == wide_.draft && std::any_of(facts.begin(), facts.end(), is_it))
            return true;
        return unknown(sink, goal, keywords.front(), "it is new or another");
    }

    bool prove_opaque(const Facts& facts, const Node& goal, Sink sink) {
        bool is_proven = true;
        const std::uint8_t types = types_of(facts);
        if (goal.negated != nullptr) is_proven = prove_same(facts, goal, sink, {"not"});
        if (goal.condition != nullptr &&
            (goal.consequence != nullptr || goal.alternative != nullptr)) {
            is_proven = prove_same(facts, goal, sink, {"if", "then", "else"}) && is_proven;
        }
        if (goal.contains != nullptr && (types & kArrayBit) != 0) {
            is_proven = prove_same(facts, goal, sink, {"contains", "minContains", "maxContains"}) &&
                        is_proven;
        }
        // What is unevaluated depends on all the rest of the schema.
        const bool is_same_everywhere = is_same_text_;
        if (goal.unevaluated_items != nullptr && (types & kArrayBit) != 0 && !is_same_everywhere) {
            is_proven = unknown(sink, goal, "unevaluatedItems", "it depends on the whole schema");
        }
        if (goal.unevaluated_properties != nullptr && (types & kObjectBit) != 0 &&
            !is_same_everywhere) {
            is_proven = unknown(
                sink, goal, "unevaluatedProperties", "it depends on the whole schema"
            );
        }
        return is_proven;
    }

    const Root& narrow_;
    const Root& wide_;
    const bool is_forward_;
    Comparison& result_;
    bool is_same_text_ = false;
    bool is_dynamic_ = false;  ///< what a node takes depends on the way to it
    std::size_t effort_ = 0;
    int nesting_ = 0;
    std::set<std::pair<Facts, const Node*>> assumed_;
    std::vector<const std::vector<const Node*>*> chosen_;
};

}  // namespace

std::string_view name_of(Compatibility compatibility) {
    return kNames[static_cast<std::size_t>(compatibility)];
}

Result<Compatibility> parse_compatibility(std::string_view text, std::string_view field) {
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        if (kNames[i] == text) return static_cast<Compatibility>(i);
    }
    return model::refused(field, text, "none, backward, forward or full");
}

Comparison compare(const Schema& before, const Schema& after, Compatibility promise) {
    Comparison result;
    const Root& old_root = SchemaAccess::root_of(before);
    const Root& new_root = SchemaAccess::root_of(after);
    const bool is_full = promise == Compatibility::kFull;
    if (is_full || promise == Compatibility::kBackward) {
        Prover(old_root, new_root, false, result).run();
    }
    if (is_full || promise == Compatibility::kForward) {
        Prover(new_root, old_root, true, result).run();
    }
    return result;
}

std::string to_string(const Break& found) {
    std::string text = found.is_forward ? "the old schema's " : "";
    text.append(found.place.empty() ? "top" : found.place);
    if (!found.keyword.empty()) text.append(" ").append(found.keyword);
    return cut(text.append(": ").append(found.message), kMessageBytesMax);
}

Error make_not_compatible(
    std::string_view what, Compatibility promise, const Comparison& comparison
) {
    constexpr std::size_t kCarriedMax = 8;
    const std::size_t count = comparison.breaks.size();
    std::vector<std::string> texts;
    texts.reserve(count);
    for (const Break& one : comparison.breaks) texts.push_back(to_string(one));
    const std::string message = "the new schema of " + std::string(what) + " is not " +
                                std::string(name_of(promise)) +
                                " compatible: " + told(texts, comparison.has_more);
    const Break& first = comparison.breaks.front();
    Error error(ErrorCode::kSchemaNotCompatible, message);
    error = std::move(error)
                .with("place", first.place)
                .with("rule", first.keyword)
                .with("reason", first.message)
                .with("breaks", std::to_string(count) + (comparison.has_more ? "+" : ""));
    for (std::size_t i = 0; i < std::min(count, kCarriedMax); ++i) {
        error = std::move(error).with("breaks[" + std::to_string(i) + "]", texts[i]);
    }
    return error;
}

}  // namespace annals::schemas
