// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "registry.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "annals/documents/document_text.hpp"
#include "annals/documents/pointer.hpp"
#include "annals/model/refusals.hpp"

#include "shown.hpp"
#include "uri.hpp"

namespace annals::schemas {
namespace {

using documents::Value;

constexpr std::array<std::string_view, 12> kSchemaWords{
    "additionalItems",
    "additionalProperties",
    "propertyNames",
    "contains",
    "not",
    "if",
    "then",
    "else",
    "items",
    "unevaluatedItems",
    "unevaluatedProperties",
    "contentSchema"
};
constexpr std::array<std::string_view, 5> kListWords{
    "allOf", "anyOf", "oneOf", "items", "prefixItems"
};
constexpr std::array<std::string_view, 6> kMapWords{
    "properties", "patternProperties", "definitions", "$defs", "dependentSchemas", "dependencies"
};

template <typename Words>
bool has(const Words& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

bool may_be_schema(const Value& value) {
    return value.is_object() || value.kind() == documents::Kind::kBoolean;
}

/// A text member; an error when it is something else. Null where there is none.
Result<const std::string*> text_member(
    const Value& value, std::string_view name, const std::string& place
) {
    const Value* member = value.find(name);
    if (member == nullptr) return nullptr;
    if (member->kind() == documents::Kind::kString) return &member->string();
    return not_acceptable(place + escaped(name), *member, "it must be a text");
}

}  // namespace

std::string escaped(std::string_view step) {
    return documents::to_text(documents::Pointer{std::string(step)});
}

Error not_acceptable(std::string_view place, const Value& value, std::string_view rule) {
    const std::string text = shown(value);
    const std::string where(place.empty() ? "the top" : place);
    return Error(
               ErrorCode::kSchemaNotAcceptable,
               "the schema's " + where + " is " + text + ": " + std::string(rule)
    )
        .with("place", place)
        .with("rule", rule)
        .with("value", text);
}

Status Registry::add_document(const Value& document, std::string_view uri) {
    Location at{&document, nullptr, {}};
    ANNALS_TRY(Resource * resource, add_resource(std::string(without_fragment(uri)), document, ""));
    at.resource = resource;
    return scan(document, std::move(at));
}

Result<Resource*> Registry::add_resource(
    std::string uri, const Value& value, const std::string& place
) {
    auto& resource = root_.resources.emplace_back(std::make_unique<Resource>());
    resource->uri = std::move(uri);
    resource->root = &value;
    resource->place = place;
    const auto [found, is_new] = by_uri_.try_emplace(resource->uri, resource.get());
    if (!is_new && found->second->root != &value) {
        return not_acceptable(place, Value(resource->uri), "two schemas have this address");
    }
    found->second = resource.get();
    return resource.get();
}

Status Registry::enter(const Value& value, Location& at) {
    ANNALS_TRY(const std::string* id, text_member(value, "$id", at.place));
    const bool is_draft7 = root_.draft == Draft::kDraft7;
    if (is_draft7 && value.find("$ref") != nullptr) id = nullptr;  // its siblings count for nothing
    std::string id_anchor;
    if (id != nullptr && !id->empty()) {
        const std::string uri = schemas::resolve(at.resource->uri, *id);
        id_anchor = fragment_of(uri);
        if (!id_anchor.empty() && !is_draft7) {
            return not_acceptable(at.place + "/$id", Value(*id), "it must have no fragment");
        }
        if (!without_fragment(*id).empty()) {
            ANNALS_TRY(
                at.resource, add_resource(std::string(without_fragment(uri)), value, at.place)
            );
        }
    }
    auto& resource = const_cast<Resource&>(*at.resource);  // NOLINT: root_ owns it, not const
    if (is_draft7) {
        if (!id_anchor.empty()) resource.anchors.try_emplace(std::move(id_anchor), &value);
        return ok();
    }
    for (const std::string_view word : {"$anchor", "$dynamicAnchor"}) {
        ANNALS_TRY(const std::string* name, text_member(value, word, at.place));
        if (name == nullptr) continue;
        const bool is_new = resource.anchors.try_emplace(*name, &value).second;
        if (!is_new && resource.anchors.find(*name)->second != &value) {
            return not_acceptable(at.place + escaped(word), Value(*name), "it stands twice");
        }
        if (word == "$dynamicAnchor") resource.dynamic_anchors.try_emplace(*name, &value);
    }
    return ok();
}

Status Registry::scan(const Value& value, Location at) {
    if (!may_be_schema(value) || scanned_.contains(&value)) return ok();
    at.value = &value;
    if (value.is_object()) ANNALS_CHECK(enter(value, at));
    if (scanned_.size() >= kSubschemasMax) {
        return model::too_large("subschemas", scanned_.size() + 1, kSubschemasMax, "schemas");
    }
    scanned_.emplace(&value, at);
    return value.is_object() ? scan_children(value, at) : ok();
}

Status Registry::scan_children(const Value& value, const Location& at) {
    for (const documents::Member& member : value.object()) {
        const std::string place = at.place + escaped(member.name);
        if (has(kSchemaWords, member.name) && may_be_schema(member.value)) {
            ANNALS_CHECK(scan(member.value, {nullptr, at.resource, place}));
        }
        if (has(kListWords, member.name) && member.value.is_array()) {
            const documents::Array& list = member.value.array();
            for (std::size_t i = 0; i < list.size(); ++i) {
                ANNALS_CHECK(scan(list[i], {nullptr, at.resource, place + "/" + std::to_string(i)})
                );
            }
        }
        if (has(kMapWords, member.name) && member.value.is_object()) {
            for (const documents::Member& one : member.value.object()) {
                ANNALS_CHECK(scan(one.value, {nullptr, at.resource, place + escaped(one.name)}));
            }
        }
    }
    return ok();
}

const Location* Registry::find(const Value& value) const {
    const auto found = scanned_.find(&value);
    return found == scanned_.end() ? nullptr : &found->second;
}

Result<Location> Registry::walk(const Location& from, std::string_view pointer) const {
    ANNALS_TRY(const documents::Pointer steps, documents::parse_pointer(pointer, "$ref"));
    Location at = from;
    for (const std::string& step : steps) {
        const Value* next = documents::find(*at.value, {step});
        if (next == nullptr) return Location{};
        at.value = next;
        at.place.append(escaped(step));
        if (const Location* known = find(*next)) at = *known;
    }
    return at;
}

Result<Location> Registry::resolve(
    const Resource& from, std::string_view reference, std::string_view place, const Value& value
) {
    const std::string uri = schemas::resolve(from.uri, reference);
    const auto found = by_uri_.find(std::string(without_fragment(uri)));
    if (found == by_uri_.end()) {
        return not_acceptable(
            place, value, "there is no schema with this address; references stay inside the schema"
        );
    }
    const Resource& to = *found->second;
    const std::string fragment = fragment_of(uri);
    Location at{to.root, &to, to.place};
    if (fragment.starts_with('/')) {
        auto walked = walk(at, fragment);
        at = walked ? std::move(*walked) : Location{};
    } else if (!fragment.empty()) {
        const auto anchor = to.anchors.find(fragment);
        at = anchor == to.anchors.end() ? Location{} : *find(*anchor->second);
    }
    if (at.value == nullptr) return not_acceptable(place, value, "it leads to nothing");
    if (!may_be_schema(*at.value)) {
        return not_acceptable(place, value, "it leads to something that is no schema");
    }
    ANNALS_CHECK(scan(*at.value, at));
    return *find(*at.value);
}

}  // namespace annals::schemas
