// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "totals.hpp"

#include <algorithm>

namespace metrics {
namespace {

using nlohmann::json;

// eskit's registrations are entities of this type; an entity's id is the registered type
constexpr std::string_view kRegisterType = "contracts.eventstore.types.RegisterType";
constexpr std::string_view kSchemaPut = "$entity-type-put";
constexpr std::string_view kSchemaDeleted = "$entity-type-deleted";

bool is_equal_in_lower_case(std::string_view text, std::string_view lower) {
    return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
        return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
    });
}

}  // namespace

TypeLabels labels_of(std::string_view type) {
    const std::size_t dot = type.rfind('.');
    if (dot == std::string_view::npos) return {"", type};
    return {type.substr(0, dot), type.substr(dot + 1)};
}

bool is_crud(std::string_view event_type) {
    return is_equal_in_lower_case(event_type, "created") ||
           is_equal_in_lower_case(event_type, "updated") ||
           is_equal_in_lower_case(event_type, "deleted");
}

void Totals::take(const annals::Event& event) {
    note_type(event);
    if (event.stream.starts_with('$')) return;
    ++count_;
    auto found = by_type_.find(event.type);
    if (found == by_type_.end()) {
        if (by_type_.size() == kTypesMax) {
            ++others_;
            return;
        }
        found = by_type_.emplace(event.type, 0).first;
    }
    ++found->second;
}

void Totals::note_type(const annals::Event& event) {
    std::string type;
    bool is_there = true;
    if (event.type == kSchemaPut || event.type == kSchemaDeleted) {
        if (!event.stream.starts_with("$entity-type-")) return;
        const json data = json::parse(event.data, nullptr, false);
        if (!data.is_object() || !data.contains("type") || !data["type"].is_string()) return;
        type = data["type"].get<std::string>();
        is_there = event.type == kSchemaPut;
    } else {
        const TypeLabels labels = labels_of(event.type);
        if (labels.entity_type != kRegisterType || !is_crud(labels.event_type)) return;
        const std::size_t dash = event.stream.find('-');
        if (dash == std::string_view::npos) return;
        type = event.stream.substr(dash + 1);
        is_there = !is_equal_in_lower_case(labels.event_type, "deleted");
    }
    if (!is_there) {
        registered_.erase(type);
    } else if (registered_.size() < kRegisteredMax) {
        registered_.insert(type);
    }
}

json Totals::to_json() const {
    json registered = json::object();  // not a list: a merge patch replaces lists whole
    for (const std::string& type : registered_) registered[type] = true;
    return {
        {"count", count_},
        {"others", others_},
        {"types", json(by_type_)},
        {"registered", std::move(registered)},
    };
}

Totals Totals::from_json(const json& document) {
    Totals totals;
    document.at("count").get_to(totals.count_);
    document.at("others").get_to(totals.others_);
    for (const auto& [type, count] : document.at("types").items()) {
        totals.by_type_.emplace(type, count.get<std::uint64_t>());
    }
    for (const auto& [type, is_there] : document.at("registered").items()) {
        totals.registered_.insert(type);
    }
    return totals;
}

}  // namespace metrics
