// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/json_events/removed_json.hpp"

#include <utility>

#include "annals/json_events/time_text.hpp"

#include "object_writer.hpp"
#include "removed_reader.hpp"

namespace annals::json_events {

void append_removed(std::string& out, const api::RemovedEvents& removed) {
    ObjectWriter object(out);
    object.number("first_position", removed.first_position.value);
    object.number("last_position", removed.last_position.value);
    object.number("events", removed.events);
    if (removed.first_revision) object.number("first_revision", removed.first_revision->value);
    if (removed.last_revision) object.number("last_revision", removed.last_revision->value);
    if (removed.removed_time.value != 0) object.time("removed_time", removed.removed_time);
    if (removed.is_uncertain) object.boolean("is_uncertain", true);
    object.end();
}

void append_removed(std::string& out, const std::vector<api::RemovedEvents>& removed) {
    out.push_back('[');
    for (const api::RemovedEvents& one : removed) {
        if (&one != &removed.front()) out.push_back(',');
        append_removed(out, one);
    }
    out.push_back(']');
}

Result<api::RemovedEvents> parse_removed(std::string json_object) {
    ANNALS_CHECK(Document::check(json_object));
    Document document(std::move(json_object));
    ANNALS_TRY(ondemand::value root, document.root());
    return read_removed(root, kTop);
}

Result<api::RemovedEvents> read_removed(ondemand::value& value, const Where& where) {
    api::RemovedEvents removed;
    ANNALS_TRY(ondemand::object object, read_object(value, where));
    ANNALS_CHECK(for_each_member(
        object,
        where,
        [&](std::string_view name, ondemand::value& member) -> Status {
            const Where here = where.at(name);
            if (name == "removed_time") {
                ANNALS_TRY(const std::string_view text, read_text(member, here));
                ANNALS_TRY(const model::ValidTime time, parse_time(text, name));
                removed.removed_time = time.at;
                return ok();
            }
            if (name == "is_uncertain") {
                ANNALS_TRY(removed.is_uncertain, read_boolean(member, here));
                return ok();
            }
            const bool is_known = name == "first_position" || name == "last_position" ||
                                  name == "events" || name == "first_revision" ||
                                  name == "last_revision";
            if (!is_known) return ok();  // what later servers say beside it
            ANNALS_TRY(const std::uint64_t number, read_number(member, here));
            if (name == "first_position") removed.first_position = Position(number);
            if (name == "last_position") removed.last_position = Position(number);
            if (name == "events") removed.events = number;
            if (name == "first_revision") removed.first_revision = Revision(number);
            if (name == "last_revision") removed.last_revision = Revision(number);
            return ok();
        }
    ));
    return removed;
}

}  // namespace annals::json_events
