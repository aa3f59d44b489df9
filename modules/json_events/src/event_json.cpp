// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/json_events/event_json.hpp"

#include "annals/codec/text.hpp"
#include "annals/json_events/archived_event.hpp"
#include "annals/json_events/json_text.hpp"
#include "annals/json_events/tag_list.hpp"

#include "object_writer.hpp"

namespace annals::json_events {
namespace {

/// What becomes of JSON that does not come back byte for byte from between other members.
enum class Bytes : std::uint8_t {
    kAsGood,  ///< line breaks between its tokens become blanks
    kSame,    ///< it is written as base64
};

/// Whether JSON lies in one line of JSON and comes out of it as it was.
bool is_one_line(std::string_view json) {
    constexpr std::string_view kBlanks = " \t\r\n";
    return kBlanks.find(json.front()) == std::string_view::npos &&
           kBlanks.find(json.back()) == std::string_view::npos &&
           json.find_first_of("\r\n") == std::string_view::npos;
}

bool is_writable(std::string_view json, Bytes bytes) {
    return (bytes == Bytes::kAsGood || is_one_line(json)) && is_json(json);
}

void write_data(ObjectWriter& object, const model::NewEvent& event, Bytes bytes = Bytes::kAsGood) {
    if (event.data.empty()) return;
    if (is_json_type(event.content_type)) {
        if (is_writable(event.data, bytes)) {
            object.json("data", event.data);
        } else {
            object.base64("data_base64", event.data);
        }
    } else if (codec::is_utf8(event.data)) {
        object.text("data", event.data);
    } else {
        object.base64("data_base64", event.data);
    }
}

void write_tags(ObjectWriter& object, const model::NewEvent& event) {
    if (event.tags.empty()) return;
    std::string& out = object.member("tags");
    char before = '[';
    for (const std::string_view tag : event.tags) {
        out.push_back(before);
        before = ',';
        append_string(out, tag);
    }
    out.push_back(']');
}

void write_dialect(ObjectWriter& object, const model::NewEvent& event) {
    if (event.dialect.empty()) return;
    std::string& out = object.member("dialect");
    char before = '{';
    for (const model::DialectField& field : event.dialect) {
        out.push_back(before);
        before = ',';
        append_string(out, field.name);
        out.push_back(':');
        if (codec::is_utf8(field.value)) {
            append_string(out, field.value);
        } else {
            out += "{\"base64\":\"";
            out += codec::base64(field.value);
            out += "\"}";
        }
    }
    out.push_back('}');
}

std::string_view cloud_field(const model::RecordedEvent& event, std::string_view name) {
    for (const model::DialectField& field : event.dialect) {
        if (field.name.starts_with(kCloudFieldPrefix) &&
            field.name.substr(kCloudFieldPrefix.size()) == name) {
            return field.value;
        }
    }
    return {};
}

bool is_core(std::string_view name) {
    return name == "id" || name == "source" || name == "subject" || name == "dataschema";
}

/// A number or a boolean. Anybody may have written the field: what is neither is a text.
void write_cloud_value(ObjectWriter& object, std::string_view name, std::string_view value) {
    const bool is_scalar = !value.empty() && value.front() != '"' && value.front() != '{' &&
                           value.front() != '[' && value != "null" && is_json(value);
    if (is_scalar) {
        object.json(name, value);
    } else {
        object.text(name, value);
    }
}

void write_cloud_extensions(ObjectWriter& object, const model::RecordedEvent& event) {
    std::string sequence = std::to_string(event.position.value);
    sequence.insert(0, 20 - sequence.size(), '0');
    object.text("sequence", sequence);
    object.time("recordedtime", event.recorded_time);
    object.number("revision", event.revision.value);
    object.text("partitionkey", event.stream);
    object.text_if_any("actor", event.actor);
    object.text_if_any("correlationid", event.correlation_id);
    object.text_if_any("causationid", event.causation_id);
    object.text_if_any("traceparent", event.traceparent);
    object.text_if_any("tracestate", event.tracestate);
    if (!event.tags.empty()) object.text("tags", joined_tags(event));
    if (event.schema_id != 0) object.number("schemaid", event.schema_id);
    if (!event.metadata.empty()) {
        if (codec::is_utf8(event.metadata)) {
            object.text("metadata", event.metadata);
        } else {
            object.text("metadatabase64", codec::base64(event.metadata));
        }
    }
    for (const model::DialectField& field : event.dialect) {
        if (field.name.starts_with(kCloudValuePrefix)) {
            write_cloud_value(object, field.name.substr(kCloudValuePrefix.size()), field.value);
            continue;
        }
        if (!field.name.starts_with(kCloudFieldPrefix)) continue;
        const std::string_view name = field.name.substr(kCloudFieldPrefix.size());
        if (!is_core(name)) object.text(name, field.value);
    }
}

/// What recorded and proposed events have in common.
void write_rest(ObjectWriter& object, const model::NewEvent& event, Bytes bytes = Bytes::kAsGood) {
    if (event.valid_time)
        object.time("valid_time", event.valid_time->at, event.valid_time->offset_minutes);
    if (event.schema_id != 0) object.number("schema_id", event.schema_id);
    object.text_if_any("actor", event.actor);
    object.text_if_any("correlation_id", event.correlation_id);
    object.text_if_any("causation_id", event.causation_id);
    object.text_if_any("traceparent", event.traceparent);
    object.text_if_any("tracestate", event.tracestate);
    write_tags(object, event);
    write_dialect(object, event);
    if (event.content_type != model::kDefaultContentType)
        object.text_if_any("content_type", event.content_type);
    if (!event.metadata.empty()) {
        if (is_writable(event.metadata, bytes)) {
            object.json("metadata", event.metadata);
        } else {
            object.base64("metadata_base64", event.metadata);
        }
    }
    write_data(object, event, bytes);
}

void write_stamped(ObjectWriter& object, const model::RecordedEvent& event, Bytes bytes) {
    object.text("stream", event.stream);
    object.number("revision", event.revision.value);
    object.number("position", event.position.value);
    if (!event.id.is_nil()) object.uuid("id", event.id);
    object.text("type", event.type);
    object.time("recorded_time", event.recorded_time);
    write_rest(object, event, bytes);
}

void write_tracking(ObjectWriter& object, const model::Tracking& tracking) {
    ObjectWriter members(object.member("tracking"));
    members.text("source", tracking.source);
    members.text("consumer", tracking.consumer);
    members.text("key", tracking.key);
    members.number("position", tracking.position);
    members.end();
}

void write_removal(ObjectWriter& object, const model::RemovalNote& removal) {
    ObjectWriter members(object.member("removed"));
    if (removal.is_folded) {
        members.json("forgotten", "true");
    } else {
        members.time("time", removal.removed_time);
        members.text("fingerprint", std::to_string(removal.fingerprint));
    }
    members.end();
}

void write_text(std::string& out, const std::string& text) { append_string(out, text); }

void write_check(std::string& out, const model::Check& check) {
    ObjectWriter object(out);
    if (const auto* stream = std::get_if<model::StreamCheck>(&check)) {
        object.text("stream", stream->stream);
        write_expected(object.member("expected"), stream->expected);
    } else {
        const auto& query = std::get<model::QueryCheck>(check);
        ObjectWriter items(object.member("query"));
        write_list(
            items,
            "items",
            query.query.items,
            [](std::string& into, const model::QueryItem& item) {
                ObjectWriter one(into);
                write_list(one, "types", item.types, write_text);
                write_list(one, "tags", item.tags, write_text);
                one.end();
            }
        );
        items.end();
        object.text_if_any("after", query.after);
    }
    object.end();
}

}  // namespace

void append_event(std::string& out, const model::RecordedEvent& event) {
    ObjectWriter object(out);
    write_stamped(object, event, Bytes::kAsGood);
    object.end();
}

void append_archived_event(
    std::string& out,
    const model::RecordedEvent& event,
    const model::AppendNote* append,
    const model::RemovalNote* removal
) {
    ObjectWriter object(out);
    write_stamped(object, event, Bytes::kSame);
    if (append != nullptr && !append->is_plain()) append_note(object.member("append"), *append);
    if (removal != nullptr) write_removal(object, *removal);
    object.end();
}

void append_note(std::string& out, const model::AppendNote& note) {
    ObjectWriter object(out);
    object.number("events", std::uint64_t{note.events});
    object.text_if_any("principal", note.principal);
    if (note.tracking) {
        write_tracking(object, *note.tracking);
        object.text("tracking_fingerprint", std::to_string(note.tracking_fingerprint));
    }
    if (note.rules_version != 1) object.number("rules_version", std::uint64_t{note.rules_version});
    object.end();
}

void append_new_event(std::string& out, const model::NewEvent& event) {
    ObjectWriter object(out);
    object.text_if_any("stream", event.stream);
    if (!event.id.is_nil()) object.uuid("id", event.id);
    object.text("type", event.type);
    write_rest(object, event);
    object.end();
}

void append_request(std::string& out, const model::AppendRequest& request) {
    ObjectWriter object(out);
    write_list(object, "events", request.events, append_new_event);
    if (!request.checks.empty()) write_list(object, "checks", request.checks, write_check);
    if (request.tracking) {
        write_tracking(object, *request.tracking);
    }
    object.end();
}

void append_cloud_event(
    std::string& out, const model::RecordedEvent& event, std::string_view name_space
) {
    ObjectWriter object(out);
    const std::string_view id = cloud_field(event, "id");
    const std::string_view source = cloud_field(event, "source");
    const std::string_view subject = cloud_field(event, "subject");
    object.text("specversion", "1.0");
    object.text("id", id.empty() ? std::string_view(event.id.to_string()) : id);
    object.text(
        "source", source.empty() ? std::string_view(source_of(name_space, event.stream)) : source
    );
    object.text("type", event.type);
    object.text("subject", subject.empty() ? event.stream : subject);
    if (event.valid_time)
        object.time("time", event.valid_time->at, event.valid_time->offset_minutes);
    object.text(
        "datacontenttype",
        event.content_type.empty() ? model::kDefaultContentType : event.content_type
    );
    object.text_if_any("dataschema", cloud_field(event, "dataschema"));
    write_cloud_extensions(object, event);
    write_data(object, event);
    object.end();
}

void append_event_as(
    std::string& out,
    const model::RecordedEvent& event,
    EventFormat format,
    std::string_view name_space
) {
    if (format == EventFormat::kCloudEvent) {
        append_cloud_event(out, event, name_space);
    } else {
        append_event(out, event);
    }
}

Status append_events(
    std::string& out,
    const model::EventBatch& events,
    EventFormat format,
    std::string_view name_space
) {
    out.push_back('[');
    bool is_first = true;
    ANNALS_CHECK(events.for_each([&](const model::RecordedEvent& event) {
        if (!is_first) out.push_back(',');
        is_first = false;
        append_event_as(out, event, format, name_space);
        return ok();
    }));
    out.push_back(']');
    return ok();
}

std::string source_of(std::string_view name_space, std::string_view stream) {
    std::string source = "/annals/";
    append_percent_encoded(source, name_space);
    source.push_back('/');
    append_percent_encoded(source, stream);
    return source;
}

void append_percent_encoded(std::string& out, std::string_view text) {
    static constexpr std::string_view kDigits = "0123456789ABCDEF";
    for (const char c : text) {
        const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                              (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
                              c == '~';
        if (is_plain) {
            out.push_back(c);
            continue;
        }
        out.push_back('%');
        out.push_back(kDigits[static_cast<std::uint8_t>(c) >> 4u]);
        out.push_back(kDigits[static_cast<std::uint8_t>(c) & 15u]);
    }
}

}  // namespace annals::json_events
