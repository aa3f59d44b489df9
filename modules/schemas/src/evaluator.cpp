// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "evaluator.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "annals/base/clock.hpp"
#include "annals/documents/canonical.hpp"
#include "annals/documents/document_text.hpp"
#include "annals/documents/pointer.hpp"
#include "annals/model/refusals.hpp"

#include "decimal.hpp"
#include "shown.hpp"

namespace annals::schemas {
namespace {

using documents::Kind;
using documents::Number;
using documents::Value;

/// Nested evaluations; a frame takes about 1 KiB of stack.
constexpr int kDepthMax = 512;
/// What regular expressions may take together: a single one is bounded in steps, but a step of this
/// module says little of it.
constexpr std::int64_t kExpressionsNsMax = 1'000'000'000;
/// Bytes that count as one step where texts are gone through.
constexpr std::size_t kBytesAStep = 32;

/// A place in the document, as a list on the stack from the leaf up.
struct Path {
    const Path* up = nullptr;
    std::string_view name;
    std::size_t index = 0;
    bool is_index = false;
};

std::string text_of(const Path* path) {
    documents::Pointer steps;
    for (; path != nullptr && path->up != nullptr; path = path->up) {
        steps.push_back(path->is_index ? std::to_string(path->index) : std::string(path->name));
    }
    std::reverse(steps.begin(), steps.end());
    return documents::to_text(steps);
}

/// Characters, not bytes.
std::size_t length_of(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u;
    }));
}

/// Which members or elements were looked at by rules that held: for unevaluated…
class Marks {
  public:
    void mark(std::size_t index, std::size_t size) {
        marks_.resize(size);
        marks_[index] = true;
    }
    [[nodiscard]] bool has(std::size_t index) const {
        return index < marks_.size() && marks_[index];
    }
    void merge(const Marks& other) {
        if (other.marks_.size() > marks_.size()) marks_.resize(other.marks_.size());
        for (std::size_t i = 0; i < other.marks_.size(); ++i) {
            if (other.marks_[i]) marks_[i] = true;
        }
    }

  private:
    std::vector<bool> marks_;
};

class Evaluator {
  public:
    explicit Evaluator(const Root& root) : root_(root) {}

    Result<Verdict> run(const Node& node, const Value& document) {
        const Path top;
        Frame frame{node, document, top, &verdict_, nullptr};
        evaluate(frame);
        if (failure_) return *std::move(failure_);
        return std::move(verdict_);
    }

    Result<bool> ask(const Node& node, const Value& document) {
        const Path top;
        Frame frame{node, document, top, nullptr, nullptr};
        const bool is_valid = evaluate(frame);
        if (failure_) return *std::move(failure_);
        return is_valid;
    }

  private:
    /// One node on one value.
    struct Frame {
        const Node& node;
        const Value& value;
        const Path& path;
        Verdict* report;  ///< null: only whether
        Marks* marks;     ///< null: nobody asks
        bool is_valid = true;

        /// Whether to go on: for the answer alone one violation is enough.
        [[nodiscard]] bool is_done() const { return !is_valid && report == nullptr; }
    };

    void fail(Error error) {
        if (!failure_) failure_.emplace(std::move(error));
    }

    bool spend(std::size_t bytes) {
        steps_ += 1 + bytes / kBytesAStep;
        if (steps_ <= kStepsMax) return !failure_;
        fail(Error(
                 ErrorCode::kLimitExceeded,
                 "checking the document against its schema takes more than " +
                     std::to_string(kStepsMax) + " steps: make either of them smaller"
        )
                 .with("field", "document")
                 .with("limit", std::to_string(kStepsMax)));
        return false;
    }

    template <typename Message>
    void violate(Frame& frame, std::string_view keyword, Message message) {
        frame.is_valid = false;
        if (frame.report == nullptr) return;
        if (frame.report->violations.size() >= kViolationsMax) {
            frame.report->has_more = true;
            return;
        }
        Violation& violation = frame.report->violations.emplace_back();
        violation.place = text_of(&frame.path);
        violation.rule = "#";
        violation.rule += frame.node.place;
        if (keyword.empty()) {  // the schema is `false`: the rule is where it stands
            const std::size_t slash = frame.node.place.rfind('/');
            violation.keyword = slash == std::string::npos ? "false"
                                                           : frame.node.place.substr(slash + 1);
        } else {
            violation.keyword = keyword;
            violation.rule.append("/").append(keyword);
        }
        violation.value = shown(frame.value);
        violation.message = message();
    }

    bool matches(const patterns::Pattern& pattern, std::string_view text) {
        if (!spend(text.size())) return false;
        const std::int64_t begun_ns = system_clock().monotonic_ns();
        Result<bool> found = pattern.matches(text);
        expressions_ns_ += system_clock().monotonic_ns() - begun_ns;
        if (found && expressions_ns_ < kExpressionsNsMax) return *found;
        fail(Error(
                 ErrorCode::kLimitExceeded,
                 "the schema's regular expression \"" + pattern.text() +
                     "\" takes too long, the last on a text of " + std::to_string(text.size()) +
                     " bytes: write it without nested repetition, or anchor it"
        )
                 .with("field", "document")
                 .with("value", pattern.text()));
        return false;
    }

    bool evaluate(Frame& frame) {
        if (!spend(0)) return false;
        if (frame.node.is_never) {
            violate(frame, "", [] { return std::string("nothing may be here"); });
            return false;
        }
        if (frame.node.source->kind() == Kind::kBoolean) return true;
        if (++depth_ > kDepthMax) {
            fail(model::too_large(
                "document", static_cast<std::size_t>(depth_), kDepthMax, "schemas within each other"
            ));
        }
        const bool enters = resources_.empty() || resources_.back() != frame.node.resource;
        if (enters) resources_.push_back(frame.node.resource);
        check(frame);
        if (enters) resources_.pop_back();
        --depth_;
        return frame.is_valid && !failure_;
    }

    void check(Frame& frame) {
        const bool is_tracking = frame.marks != nullptr ||
                                 frame.node.unevaluated_items != nullptr ||
                                 frame.node.unevaluated_properties != nullptr;
        Marks own;
        Marks* const outer = frame.marks;
        frame.marks = is_tracking ? &own : nullptr;
        check_value(frame);
        if (!frame.is_done()) check_numbers(frame);
        if (!frame.is_done()) check_text(frame);
        if (!frame.is_done()) check_array(frame);
        if (!frame.is_done()) check_object(frame);
        if (!frame.is_done()) check_references(frame);
        if (!frame.is_done()) check_combinations(frame);
        if (!frame.is_done()) check_condition(frame);
        if (!frame.is_done()) check_unevaluated(frame);
        frame.marks = outer;
        if (frame.is_valid && outer != nullptr) outer->merge(own);
    }

    /// Another node on the same value, which must hold.
    void apply(Frame& frame, const Node* node) {
        if (node == nullptr || frame.is_done()) return;
        Frame inner{*node, frame.value, frame.path, frame.report, frame.marks};
        Marks marks;
        if (frame.marks != nullptr) inner.marks = &marks;
        if (!evaluate(inner)) {
            frame.is_valid = false;
        } else if (frame.marks != nullptr) {
            frame.marks->merge(marks);
        }
    }

    /// Whether it holds, without a word; what it looked at counts if so.
    bool holds(Frame& frame, const Node& node) {
        Marks marks;
        Frame inner{
            node, frame.value, frame.path, nullptr, frame.marks != nullptr ? &marks : nullptr
        };
        const bool is_valid = evaluate(inner);
        if (is_valid && frame.marks != nullptr) frame.marks->merge(marks);
        return is_valid;
    }

    /// A node on a value inside.
    bool apply_inside(Frame& frame, const Node& node, const Value& value, const Path& path) {
        Frame inner{node, value, path, frame.report, nullptr};
        if (evaluate(inner)) return true;
        frame.is_valid = false;
        return false;
    }

    void check_value(Frame& frame) {
        const Node& node = frame.node;
        if (node.types != kEveryType && (type_of(frame.value) & node.types) == 0) {
            violate(frame, "type", [&] {
                return shown(frame.value) + " is not of type " + types_text(node.types);
            });
        }
        if (!node.values && !node.constant) return;
        const std::string canonical = documents::canonical(frame.value);
        if (!spend(canonical.size())) return;
        if (node.constant && *node.constant != canonical) {
            violate(frame, "const", [&] {
                return shown(frame.value) + " is not " + shown(*node.source->find("const"));
            });
        }
        if (node.values &&
            !std::binary_search(node.values->begin(), node.values->end(), canonical)) {
            violate(frame, "enum", [&] {
                return shown(frame.value) + " is none of " + shown(*node.source->find("enum"));
            });
        }
    }

    void check_bound(
        Frame& frame,
        std::string_view keyword,
        const Number* bound,
        std::string_view words,
        bool (*is_good)(std::strong_ordering)
    ) {
        if (bound == nullptr) return;
        const std::string& text = frame.value.number().text;
        if (!spend(text.size())) return;
        if (is_good(documents::compare_numbers(text, bound->text))) return;
        violate(frame, keyword, [&] {
            return shown(frame.value) + std::string(words) + bound->text;
        });
    }

    void check_numbers(Frame& frame) {
        if (frame.value.kind() != Kind::kNumber) return;
        const Node& node = frame.node;
        using Order = std::strong_ordering;
        check_bound(frame, "maximum", node.maximum, " is greater than ", [](Order o) {
            return o <= 0;
        });
        check_bound(frame, "minimum", node.minimum, " is less than ", [](Order o) {
            return o >= 0;
        });
        check_bound(
            frame,
            "exclusiveMaximum",
            node.exclusive_maximum,
            " is not less than ",
            [](Order o) { return o < 0; }
        );
        check_bound(
            frame,
            "exclusiveMinimum",
            node.exclusive_minimum,
            " is not greater than ",
            [](Order o) { return o > 0; }
        );
        if (!node.multiple_of) return;
        const std::string& text = frame.value.number().text;
        if (!spend(text.size())) return;
        if (is_multiple(documents::decimal_of(text), *node.multiple_of)) return;
        violate(frame, "multipleOf", [&] {
            return shown(frame.value) + " is no multiple of " +
                   shown(*node.source->find("multipleOf"));
        });
    }

    /// Counts of anything against bounds.
    void check_count(
        Frame& frame,
        std::string_view keyword,
        const std::optional<std::uint64_t>& bound,
        std::size_t count,
        bool is_maximum,
        std::string_view unit
    ) {
        if (!bound || (is_maximum ? count <= *bound : count >= *bound)) return;
        violate(frame, keyword, [&] {
            return std::to_string(count) + " " + std::string(unit) + ", at " +
                   (is_maximum ? "most " : "least ") + std::to_string(*bound) + " are allowed";
        });
    }

    void check_text(Frame& frame) {
        if (frame.value.kind() != Kind::kString) return;
        const Node& node = frame.node;
        const std::string& text = frame.value.string();
        if (node.max_length || node.min_length) {
            if (!spend(text.size())) return;
            const std::size_t length = length_of(text);
            check_count(frame, "maxLength", node.max_length, length, true, "characters");
            check_count(frame, "minLength", node.min_length, length, false, "characters");
        }
        if (!node.pattern || matches(*node.pattern, text)) return;
        violate(frame, "pattern", [&] {
            return shown(frame.value) + " does not match " + node.pattern->text();
        });
    }

    void check_unique(Frame& frame) {
        const documents::Array& list = frame.value.array();
        std::vector<std::pair<std::string, std::size_t>> texts;
        texts.reserve(list.size());
        for (std::size_t i = 0; i < list.size(); ++i) {
            texts.emplace_back(documents::canonical(list[i]), i);
            if (!spend(texts.back().first.size())) return;
        }
        std::sort(texts.begin(), texts.end());
        const auto twice = std::adjacent_find(
            texts.begin(),
            texts.end(),
            [](const auto& a, const auto& b) { return a.first == b.first; }
        );
        if (twice == texts.end()) return;
        violate(frame, "uniqueItems", [&] {
            return "elements " + std::to_string(twice->second) + " and " +
                   std::to_string((twice + 1)->second) + " are the same";
        });
    }

    void check_contains(Frame& frame) {
        const Node& node = frame.node;
        const documents::Array& list = frame.value.array();
        std::size_t found = 0;
        for (std::size_t i = 0; i < list.size() && !failure_; ++i) {
            const Path path{&frame.path, {}, i, true};
            Frame inner{*node.contains, list[i], path, nullptr, nullptr};
            if (!evaluate(inner)) continue;
            ++found;
            if (frame.marks != nullptr && root_.draft == Draft::k202012) {
                frame.marks->mark(i, list.size());
            }
        }
        const std::uint64_t least = node.min_contains.value_or(1);
        if (found < least) {
            const std::string_view keyword = node.min_contains ? "minContains" : "contains";
            violate(frame, keyword, [&] {
                return std::to_string(found) + " elements are as `contains` says, at least " +
                       std::to_string(least) + " must be";
            });
        }
        check_count(
            frame, "maxContains", node.max_contains, found, true, "elements are as `contains` says"
        );
    }

    void check_array(Frame& frame) {
        if (!frame.value.is_array()) return;
        const Node& node = frame.node;
        const documents::Array& list = frame.value.array();
        check_count(frame, "maxItems", node.max_items, list.size(), true, "elements");
        check_count(frame, "minItems", node.min_items, list.size(), false, "elements");
        if (node.has_unique_items) check_unique(frame);
        if (!node.prefix_items.empty() || node.items != nullptr) {
            for (std::size_t i = 0; i < list.size() && !frame.is_done() && !failure_; ++i) {
                const Node* one = i < node.prefix_items.size() ? node.prefix_items[i] : node.items;
                if (one == nullptr) break;
                apply_inside(frame, *one, list[i], Path{&frame.path, {}, i, true});
                if (frame.marks != nullptr) frame.marks->mark(i, list.size());
            }
        }
        if (node.contains != nullptr && !frame.is_done()) check_contains(frame);
    }

    void check_members(Frame& frame) {
        const Node& node = frame.node;
        const documents::Object& members = frame.value.object();
        for (std::size_t i = 0; i < members.size() && !frame.is_done() && !failure_; ++i) {
            const documents::Member& member = members[i];
            const Path path{&frame.path, member.name, 0, false};
            bool is_known = false;
            if (const Node* one = node.property(member.name)) {
                is_known = true;
                apply_inside(frame, *one, member.value, path);
            }
            for (const PatternNode& one : node.pattern_properties) {
                if (!matches(one.pattern, member.name)) continue;
                is_known = true;
                apply_inside(frame, *one.node, member.value, path);
            }
            if (!is_known && node.additional_properties != nullptr) {
                is_known = true;
                apply_inside(frame, *node.additional_properties, member.value, path);
            }
            if (is_known && frame.marks != nullptr) frame.marks->mark(i, members.size());
            if (node.property_names != nullptr) {
                const Value name(member.name);
                apply_inside(frame, *node.property_names, name, path);
            }
        }
    }

    void check_object(Frame& frame) {
        if (!frame.value.is_object()) return;
        const Node& node = frame.node;
        const std::size_t size = frame.value.object().size();
        check_count(frame, "maxProperties", node.max_properties, size, true, "members");
        check_count(frame, "minProperties", node.min_properties, size, false, "members");
        for (const std::string& name : node.required) {
            if (!spend(0) || frame.value.find(name) != nullptr) continue;
            violate(frame, "required", [&] {
                return "there is no member " + documents::to_text(Value(name));
            });
        }
        for (const Dependency& dependency : node.dependent_required) {
            if (!spend(0) || frame.value.find(dependency.name) == nullptr) continue;
            for (const std::string& name : dependency.required) {
                if (!spend(0) || frame.value.find(name) != nullptr) continue;
                violate(frame, node.dependency_keyword, [&] {
                    return "there is no member " + documents::to_text(Value(name)) +
                           ", as there must be with " + documents::to_text(Value(dependency.name));
                });
            }
        }
        const bool has_rules = !node.properties.empty() || !node.pattern_properties.empty() ||
                               node.additional_properties != nullptr ||
                               node.property_names != nullptr;
        if (has_rules && !frame.is_done()) check_members(frame);
        for (const NamedNode& dependency : node.dependent_schemas) {
            if (frame.value.find(dependency.name) != nullptr) apply(frame, dependency.node);
        }
    }

    /// The outermost of the name on the way here.
    const Node* dynamic_target(const Node& node) const {
        if (!node.dynamic_name.empty()) {
            for (const Resource* resource : resources_) {
                const auto found = resource->dynamic_anchors.find(node.dynamic_name);
                if (found == resource->dynamic_anchors.end()) continue;
                return root_.by_source.at(found->second);
            }
        }
        return node.dynamic_reference;
    }

    void check_references(Frame& frame) {
        apply(frame, frame.node.reference);
        if (frame.node.dynamic_reference != nullptr) apply(frame, dynamic_target(frame.node));
    }

    void check_combinations(Frame& frame) {
        const Node& node = frame.node;
        for (const Node* one : node.all_of) apply(frame, one);
        if (!node.any_of.empty() && !frame.is_done()) {
            std::size_t held = 0;
            for (const Node* one : node.any_of) {
                if (holds(frame, *one)) ++held;
                if (held != 0 && frame.marks == nullptr) break;
            }
            if (held == 0) {
                violate(frame, "anyOf", [&] {
                    return shown(frame.value) + " is as none of the " +
                           std::to_string(node.any_of.size()) + " schemas says";
                });
            }
        }
        if (!node.one_of.empty() && !frame.is_done()) {
            std::size_t held = 0;
            for (const Node* one : node.one_of) {
                if (holds(frame, *one)) ++held;
            }
            if (held != 1) {
                violate(frame, "oneOf", [&] {
                    return shown(frame.value) + " is as " + std::to_string(held) + " of the " +
                           std::to_string(node.one_of.size()) + " schemas say, one must hold";
                });
            }
        }
        if (node.negated == nullptr || frame.is_done()) return;
        Frame inner{*node.negated, frame.value, frame.path, nullptr, nullptr};
        Marks unused;
        if (root_.has_unevaluated) inner.marks = &unused;
        if (!evaluate(inner)) return;
        violate(frame, "not", [&] { return shown(frame.value) + " is what must not be"; });
    }

    void check_condition(Frame& frame) {
        const Node& node = frame.node;
        if (node.condition == nullptr) return;
        const bool is_met = holds(frame, *node.condition);
        if (failure_) return;
        apply(frame, is_met ? node.consequence : node.alternative);
    }

    void check_unevaluated(Frame& frame) {
        const Node& node = frame.node;
        if (node.unevaluated_items != nullptr && frame.value.is_array()) {
            const documents::Array& list = frame.value.array();
            for (std::size_t i = 0; i < list.size() && !frame.is_done() && !failure_; ++i) {
                if (frame.marks->has(i)) continue;
                apply_inside(
                    frame, *node.unevaluated_items, list[i], Path{&frame.path, {}, i, true}
                );
                frame.marks->mark(i, list.size());
            }
        }
        if (node.unevaluated_properties != nullptr && frame.value.is_object()) {
            const documents::Object& members = frame.value.object();
            for (std::size_t i = 0; i < members.size() && !frame.is_done() && !failure_; ++i) {
                if (frame.marks->has(i)) continue;
                const Path path{&frame.path, members[i].name, 0, false};
                apply_inside(frame, *node.unevaluated_properties, members[i].value, path);
                frame.marks->mark(i, members.size());
            }
        }
    }

    const Root& root_;
    Verdict verdict_;
    std::uint64_t steps_ = 0;
    std::int64_t expressions_ns_ = 0;
    int depth_ = 0;
    std::vector<const Resource*> resources_;
    std::optional<Error> failure_;
};

}  // namespace

Result<Verdict> evaluate(const Root& root, const Node& node, const Value& document) {
    return Evaluator(root).run(node, document);
}

Result<bool> is_valid(const Root& root, const Node& node, const Value& document) {
    return Evaluator(root).ask(node, document);
}

}  // namespace annals::schemas
