// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/json_events/parsed_append.hpp"

#include <utility>

#include "annals/json_events/expected_text.hpp"
#include "annals/json_events/json_text.hpp"

#include "append_note_reader.hpp"
#include "cloud_event_reader.hpp"
#include "event_reader.hpp"
#include "json_reader.hpp"

namespace annals::json_events {
namespace {

constexpr std::string_view kAppendMembers = "events, checks, expected, tracking";
constexpr std::string_view kCheckMembers = "stream, expected, query, after";

Result<model::ExpectedRevision> read_expected(ondemand::value& value, const Where& where) {
    static constexpr std::string_view kRule =
        "\"any\", \"no_stream\", \"exists\", \"deleted\" or a revision";
    ondemand::json_type type{};
    (void)value.type().get(type);
    if (type == ondemand::json_type::number) {
        std::uint64_t revision = 0;
        if (value.get_uint64().get(revision) != simdjson::SUCCESS)
            return not_acceptable(where, raw_of(value), kRule);
        return model::ExpectedRevision::exactly(Revision(revision));
    }
    ANNALS_TRY(const std::string_view word, read_text(value, where));
    if (const auto expected = parse_expected_word(word)) return *expected;
    return not_acceptable(where, word, kRule);
}

Status read_texts(ondemand::value& value, const Where& where, std::vector<std::string>& into) {
    ANNALS_TRY(ondemand::array array, read_array(value, where));
    return for_each_element(
        array,
        where,
        [&](std::size_t index, ondemand::value& element) -> Status {
            ANNALS_TRY(const std::string_view text, read_text(element, where.at(index)));
            into.emplace_back(text);
            return ok();
        }
    );
}

Status read_query(ondemand::value& value, const Where& where, model::Query& query) {
    ANNALS_TRY(ondemand::object object, read_object(value, where));
    return for_each_member(
        object,
        where,
        [&](std::string_view name, ondemand::value& member) -> Status {
            if (name != "items") return unknown_member(where, name, member, "items");
            const Where items = where.at(name);
            ANNALS_TRY(ondemand::array array, read_array(member, items));
            return for_each_element(
                array,
                items,
                [&](std::size_t index, ondemand::value& element) -> Status {
                    const Where here = items.at(index);
                    ANNALS_TRY(ondemand::object item, read_object(element, here));
                    model::QueryItem& into = query.items.emplace_back();
                    return for_each_member(
                        item,
                        here,
                        [&](std::string_view part, ondemand::value& texts) -> Status {
                            if (part == "types")
                                return read_texts(texts, here.at(part), into.types);
                            if (part == "tags") return read_texts(texts, here.at(part), into.tags);
                            return unknown_member(here, part, texts, "types, tags");
                        }
                    );
                }
            );
        }
    );
}

Result<model::Check> read_check(ondemand::value& value, const Where& where) {
    ANNALS_TRY(ondemand::object object, read_object(value, where));
    model::StreamCheck stream;
    model::QueryCheck query;
    bool is_stream = false;
    bool is_query = false;
    bool has_expected = false;
    bool has_after = false;
    ANNALS_CHECK(for_each_member(
        object,
        where,
        [&](std::string_view name, ondemand::value& member) -> Status {
            const Where here = where.at(name);
            if (name == "stream") {
                is_stream = true;
                ANNALS_TRY(stream.stream, read_text(member, here));
                return ok();
            }
            if (name == "expected") {
                has_expected = true;
                ANNALS_TRY(stream.expected, read_expected(member, here));
                return ok();
            }
            if (name == "query") {
                is_query = true;
                return read_query(member, here, query.query);
            }
            if (name == "after") {
                has_after = true;
                ANNALS_TRY(query.after, read_text(member, here));
                return ok();
            }
            return unknown_member(where, name, member, kCheckMembers);
        }
    ));
    if (is_stream && has_expected && !is_query && !has_after) return model::Check(stream);
    if (is_query && !is_stream && !has_expected) return model::Check(std::move(query));
    constexpr std::string_view kRule = "{\"stream\", \"expected\"} or {\"query\", \"after\"}";
    std::string_view sent;
    if (object.reset().error() != simdjson::SUCCESS ||
        object.raw_json().get(sent) != simdjson::SUCCESS) {
        return not_acceptable(where, kRule);
    }
    return not_acceptable(where, sent, kRule);
}

/// Whether the top-level object is an append rather than an event.
bool has_events(ondemand::object& object) {
    bool is_append = false;
    for (auto field : object) {
        std::string_view name;
        if (field.unescaped_key().get(name) != simdjson::SUCCESS) return false;
        if (name == "events" || name == "checks" || name == "expected") is_append = true;
    }
    return object.reset().error() == simdjson::SUCCESS && is_append;
}

}  // namespace

struct ParsedAppend::Body {
    explicit Body(std::string text, std::string stream_name)
        : document(std::move(text)), stream(std::move(stream_name)) {
        request.stream = stream;
    }

    Status read_events(ondemand::array& array, const Where& where, AppendFormat format) {
        return for_each_element(array, where, [&](std::size_t index, ondemand::value& value) {
            return read_one(value, where.at(index), format);
        });
    }

    Status read_one(ondemand::value& value, const Where& where, AppendFormat format) {
        if (format != AppendFormat::kPlain) {
            model::NewEvent& event = request.events.emplace_back();
            return read_cloud_event(value, where, arena, stream, event);
        }
        model::RecordedEvent event;
        ANNALS_CHECK(read_event(value, where, arena, EventKind::kNew, event));
        ANNALS_CHECK(check_stream(event, where));
        request.events.push_back(std::move(static_cast<model::NewEvent&>(event)));
        return ok();
    }

    /// The path names the stream, and conditions are asked of that one: no event goes elsewhere.
    /// (A CloudEvent's subject is kept beside it.)
    [[nodiscard]] Status check_stream(const model::NewEvent& event, const Where& where) const {
        if (stream.empty() || event.stream.empty() || event.stream == stream) return ok();
        return not_acceptable(
            where.at("stream"),
            event.stream,
            "left out, or the path's: POST append takes events of several streams"
        );
    }

    Status read_append(ondemand::object& object) {
        const Where top;
        return for_each_member(
            object,
            top,
            [&](std::string_view name, ondemand::value& value) -> Status {
                const Where here = top.at(name);
                if (name == "events") {
                    ANNALS_TRY(ondemand::array array, read_array(value, here));
                    return read_events(array, here, AppendFormat::kPlain);
                }
                if (name == "checks") {
                    ANNALS_TRY(ondemand::array array, read_array(value, here));
                    return for_each_element(
                        array,
                        here,
                        [&](std::size_t index, ondemand::value& check) -> Status {
                            ANNALS_TRY(model::Check read, read_check(check, here.at(index)));
                            request.checks.push_back(std::move(read));
                            return ok();
                        }
                    );
                }
                if (name == "expected") return read_own_expected(value, here);
                if (name == "tracking") {
                    ANNALS_TRY(request.tracking, read_tracking(value, here));
                    return ok();
                }
                return unknown_member(top, name, value, kAppendMembers);
            }
        );
    }

    /// Of the stream that the request names in its path.
    Status read_own_expected(ondemand::value& value, const Where& where) {
        if (stream.empty()) {
            return not_acceptable(
                where,
                raw_of(value),
                "left out: name the stream in checks, [{\"stream\", \"expected\"}]"
            );
        }
        ANNALS_TRY(const model::ExpectedRevision expected, read_expected(value, where));
        request.checks.emplace_back(model::StreamCheck{stream, expected});
        return ok();
    }

    Status read(AppendFormat format) {
        ANNALS_TRY(ondemand::value root, document.root());
        ondemand::json_type type{};
        (void)root.type().get(type);
        const Where top;
        if (format == AppendFormat::kCloudEvent) {
            sent_events = SentEvents::kCloudEvent;
            return read_one(root, top, format);
        }
        const bool is_batch = format == AppendFormat::kCloudBatch;
        if (type == ondemand::json_type::array || is_batch) {
            sent_events = is_batch ? SentEvents::kCloudArray : SentEvents::kArray;
            ANNALS_TRY(ondemand::array array, read_array(root, top));
            return read_events(array, top, format);
        }
        ANNALS_TRY(ondemand::object object, read_object(root, top));
        if (stream.empty() || has_events(object)) return read_append(object);
        if (object.reset().error() != simdjson::SUCCESS)
            return not_acceptable(top, "the body", "JSON");
        sent_events = SentEvents::kEvent;
        return read_only_event(object);
    }

    /// The whole body is one event.
    Status read_only_event(ondemand::object& object) {
        const Where where;
        model::RecordedEvent event;
        ANNALS_CHECK(read_event_members(object, where, arena, event));
        ANNALS_CHECK(check_stream(event, where));
        request.events.push_back(std::move(static_cast<model::NewEvent&>(event)));
        return ok();
    }

    Document document;
    Arena arena;
    const std::string stream;
    model::AppendRequest request;
    SentEvents sent_events = SentEvents::kMember;
};

ParsedAppend::ParsedAppend(std::unique_ptr<Body> body) : body_(std::move(body)) {}
ParsedAppend::ParsedAppend(ParsedAppend&&) noexcept = default;
ParsedAppend& ParsedAppend::operator=(ParsedAppend&&) noexcept = default;
ParsedAppend::~ParsedAppend() = default;

Result<ParsedAppend> ParsedAppend::parse(
    std::string body, AppendFormat format, std::string stream
) {
    ANNALS_CHECK(Document::check(body));
    auto parsed = std::make_unique<Body>(std::move(body), std::move(stream));
    ANNALS_CHECK(parsed->read(format));
    return ParsedAppend(std::move(parsed));
}

Result<ParsedAppend> ParsedAppend::parse_binary(
    std::string body,
    std::string content_type,
    const std::vector<CloudAttribute>& attributes,
    std::string stream
) {
    auto parsed = std::make_unique<Body>(std::string(), std::move(stream));
    const std::string_view data = keep_in(parsed->arena, std::move(body));
    const std::string_view type = keep_in(parsed->arena, std::move(content_type));
    model::NewEvent& event = parsed->request.events.emplace_back();
    parsed->sent_events = SentEvents::kCloudHeaders;
    ANNALS_CHECK(
        read_binary_cloud_event(attributes, type, data, parsed->arena, parsed->stream, event)
    );
    return ParsedAppend(std::move(parsed));
}

model::AppendRequest& ParsedAppend::request() { return body_->request; }

SentEvents ParsedAppend::sent_events() const { return body_->sent_events; }

std::string_view ParsedAppend::keep(std::string text) {
    return keep_in(body_->arena, std::move(text));
}

}  // namespace annals::json_events
