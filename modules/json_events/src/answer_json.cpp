// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/json_events/answer_json.hpp"

#include "annals/json_events/removed_json.hpp"
#include "annals/model/names.hpp"

#include "object_writer.hpp"

namespace annals::json_events {
namespace {

void write_failed_check(std::string& out, const model::FailedCheck& check) {
    ObjectWriter object(out);
    object.number("check_index", check.check_index);
    if (check.kind == model::FailedCheck::Kind::kQuery) {
        object.number("matching_position", check.matching_position.value);
    } else {
        object.text("stream", check.stream);
        write_expected(object.member("expected"), check.expected);
        if (check.current_revision)
            object.number("current_revision", check.current_revision->value);
        if (check.is_deleted) object.boolean("is_deleted", true);
    }
    object.end();
}

}  // namespace

void append_answer(std::string& out, const api::AppendResponse& response) {
    // One growth, not eight.
    constexpr std::size_t kUsualBytes = 320;
    out.reserve(out.size() + kUsualBytes);
    ObjectWriter object(out);
    object.number("first_position", response.first_position.value);
    object.number("last_position", response.last_position.value);
    object.text("position", response.position);
    object.time("recorded_time", response.recorded_time);
    write_list(
        object,
        "streams",
        response.streams,
        [](std::string& into, const model::StreamRevisions& stream) {
            ObjectWriter one(into);
            one.text("stream", stream.stream);
            one.number("first_revision", stream.first.value);
            one.number("last_revision", stream.last.value);
            one.end();
        }
    );
    object.boolean("is_replay", response.is_replay);
    object.boolean("is_durable", response.is_durable);
    object.end();
}

Status append_answer(
    std::string& out, const api::ReadPage& page, EventFormat format, std::string_view name_space
) {
    ObjectWriter object(out);
    ANNALS_CHECK(append_events(object.member("events"), page.events, format, name_space));
    object.text("position", page.position);
    object.boolean("is_end", page.is_end);
    object.text_if_any("next", page.next);
    if (page.last_revision) object.number("last_revision", page.last_revision->value);
    if (!page.removed.empty()) append_removed(object.member("removed"), page.removed);
    object.end();
    return ok();
}

void append_answer(std::string& out, const api::StreamList& list, std::string_view name) {
    ObjectWriter object(out);
    write_list(object, name, list.streams, [](std::string& into, const api::StreamSummary& stream) {
        ObjectWriter one(into);
        one.text("name", stream.name);
        one.number("events", stream.events);
        one.number("last_position", stream.last_position.value);
        one.time("last_time", stream.last_time);
        one.end();
    });
    object.text("position", list.position);
    object.end();
}

void append_answer(std::string& out, const api::CategoryList& list) {
    ObjectWriter object(out);
    write_list(
        object,
        "categories",
        list.categories,
        [](std::string& into, const api::CategorySummary& category) {
            ObjectWriter one(into);
            one.text("name", category.name);
            one.number("streams", category.streams);
            one.number("events", category.events);
            one.number("last_position", category.last_position.value);
            one.time("last_time", category.last_time);
            one.end();
        }
    );
    object.text("position", list.position);
    object.end();
}

void append_answer(std::string& out, const api::StreamInfo& info) {
    ObjectWriter object(out);
    object.text("name", info.name);
    object.text("category", model::category_of(info.name));
    object.number("events", info.events);
    object.number("first_revision", info.first_revision.value);
    object.number("last_revision", info.last_revision.value);
    object.number("last_position", info.last_position.value);
    object.time("first_time", info.first_time);
    object.time("last_time", info.last_time);
    object.boolean("is_deleted", info.is_deleted);
    object.end();
}

void append_answer(std::string& out, const api::NamespaceInfo& info) {
    ObjectWriter object(out);
    object.text("name", info.name);
    object.time("created_time", info.created_time);
    object.number("last_position", info.last_position.value);
    object.end();
}

void append_answer(std::string& out, const std::vector<api::NamespaceInfo>& list) {
    ObjectWriter object(out);
    write_list(object, "namespaces", list, [](std::string& into, const api::NamespaceInfo& info) {
        append_answer(into, info);
    });
    object.end();
}

void append_answer(std::string& out, const api::ServerInfo& info) {
    ObjectWriter object(out);
    object.text("version", info.version);
    object.text("log_id", info.log_id);
    object.number("incarnation", info.incarnation);
    object.number("last_position", info.last_position.value);
    object.text("position", info.position);
    object.text("durability", info.durability);
    object.boolean("is_read_only", info.is_read_only);
    object.text_if_any("read_only_reason", info.read_only_reason);
    object.time("started_time", info.started_time);
    object.number("log_bytes", info.log_bytes);
    object.number("index_position", info.index_position.value);
    object.end();
}

void append_failed_checks(std::string& out, const std::vector<model::FailedCheck>& failed) {
    char before = '[';
    for (const model::FailedCheck& check : failed) {
        out.push_back(before);
        before = ',';
        write_failed_check(out, check);
    }
    if (failed.empty()) out.push_back('[');
    out.push_back(']');
}

}  // namespace annals::json_events
