// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "entity_type_json.hpp"

#include <utility>

#include "annals/documents/document_text.hpp"
#include "annals/json_events/time_text.hpp"

namespace annals::http_door::detail {
namespace {

using documents::Array;
using documents::Number;
using documents::Object;
using documents::Value;
using entities::EntityType;

Value number(std::uint64_t value) { return Value(Number{std::to_string(value)}); }
Value text(std::string_view value) { return Value(std::string(value)); }

Value type_of(const EntityType& type) {
    Object members;
    members.push_back({"type", Value(type.type)});
    members.push_back({"version", number(type.version)});
    if (type.is_deleted) {
        members.push_back({"is_deleted", Value(true)});
    } else {
        members.push_back({"draft", text(name_of(type.draft))});
        members.push_back({"compatibility", text(name_of(type.compatibility))});
        members.push_back({"is_validated", Value(type.is_validated)});
    }
    Object changed;
    changed.push_back({"time", Value(json_events::time_text(type.changed.time))});
    if (!type.changed.actor.empty()) changed.push_back({"actor", Value(type.changed.actor)});
    members.push_back({"changed", Value(std::move(changed))});
    if (!type.breaks.empty()) {
        Array breaks;
        for (const std::string& one : type.breaks) breaks.emplace_back(one);
        members.push_back({"breaks", Value(std::move(breaks))});
    }
    if (type.is_unchanged) members.push_back({"is_unchanged", Value(true)});
    if (!type.position.empty()) members.push_back({"position", Value(type.position)});
    if (!type.schema.is_null()) members.push_back({"schema", type.schema});
    return Value(std::move(members));
}

Array types_of(const std::vector<EntityType>& types) {
    Array all;
    for (const EntityType& type : types) all.push_back(type_of(type));
    return all;
}

Value break_of(const schemas::Break& found) {
    return Value(Object{
        {"place", Value(found.place)},
        {"keyword", Value(found.keyword)},
        {"message", Value(found.message)},
        {"is_certain", Value(found.is_certain)},
        {"is_forward", Value(found.is_forward)}
    });
}

Value failure_of(const entities::FailedEntity& failed) {
    return Value(Object{
        {"id", Value(failed.id)},
        {"revision", number(failed.revision.value)},
        {"violations", number(failed.violations)},
        {"place", Value(failed.first.place)},
        {"rule", Value(failed.first.rule)},
        {"message", Value(failed.first.message)}
    });
}

std::string text_of(Object members) { return documents::to_text(Value(std::move(members))) + "\n"; }

}  // namespace

std::string to_json(const EntityType& type) { return documents::to_text(type_of(type)) + "\n"; }

std::string to_json(const entities::EntityTypeList& list) {
    Object members{{"types", Value(types_of(list.types))}};
    if (!list.next.empty()) members.push_back({"next", Value(list.next)});
    return text_of(std::move(members));
}

std::string to_json(const std::vector<EntityType>& versions) {
    return text_of({{"versions", Value(types_of(versions))}});
}

std::string to_json(const entities::SchemaReport& report) {
    Array breaks;
    for (const schemas::Break& one : report.comparison.breaks) breaks.push_back(break_of(one));
    Array failures;
    for (const entities::FailedEntity& one : report.failures) failures.push_back(failure_of(one));
    Object members{
        {"against_version", number(report.against_version)},
        {"compatibility", text(name_of(report.compatibility))},
        {"is_compatible", Value(report.comparison.is_compatible())},
        {"breaks", Value(std::move(breaks))},
        {"has_more_breaks", Value(report.comparison.has_more)},
        {"looked_at", number(report.looked_at)},
        {"failed", number(report.failed)},
        {"failures", Value(std::move(failures))}
    };
    if (!report.next.empty()) members.push_back({"next", Value(report.next)});
    return text_of(std::move(members));
}

}  // namespace annals::http_door::detail
