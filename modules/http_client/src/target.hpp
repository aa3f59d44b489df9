// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "annals/api/event_store.hpp"
#include "annals/base/result.hpp"
#include "annals/json_events/event_json.hpp"
#include "annals/json_events/time_text.hpp"

#include "connection.hpp"

namespace annals::http_client {

/// A target with its parameters.
class Target {
  public:
    Target(const api::CallContext& context, std::string_view path) {
        text_ = "/v1/";
        if (!context.name_space.empty() && context.name_space != "default") {
            text_ += "ns/";
            json_events::append_percent_encoded(text_, context.name_space);
            text_ += '/';
        }
        text_ += path;
    }

    Target& segment(std::string_view name) {
        text_ += '/';
        json_events::append_percent_encoded(text_, name);
        return *this;
    }
    Target& add(std::string_view name, std::string_view value) {
        text_ += is_first_ ? '?' : '&';
        is_first_ = false;
        text_ += name;
        text_ += '=';
        json_events::append_percent_encoded(text_, value);
        return *this;
    }
    Target& add_number(std::string_view name, std::uint64_t value) {
        return add(name, std::to_string(value));
    }
    /// Of a history of a group or a consumer.
    template <typename HistoryRequest>
    void add_history(const HistoryRequest& request) {
        if (!request.after.empty()) add("after", request.after);
        if (request.limit != 0) add_number("limit", request.limit);
        if (request.is_everything) add("everything", "true");
    }
    /// Of one stream, system streams are not to be said.
    void add_filter(const model::Filter& filter, std::string_view stream) {
        for (const std::string& one : filter.categories) add("category", one);
        for (const std::string& one : filter.types) add("type", one);
        for (const std::string& one : filter.tags) add("tag", one);
        for (const std::string& one : filter.stream_prefixes) add("prefix", one);
        if (filter.include_system && stream.empty()) add("include_system", "true");
        if (!filter.stream_pattern.empty()) add("match", filter.stream_pattern);
        if (!filter.type_pattern.empty()) add("match_type", filter.type_pattern);
        if (filter.recorded_since.value != 0)
            add("since", json_events::time_text(filter.recorded_since));
        if (filter.recorded_until.value != 0)
            add("until", json_events::time_text(filter.recorded_until));
    }
    template <typename Start>
    void add_start(const Start& start) {
        if (const auto* revision = std::get_if<api::FromRevision>(&start))
            add_number("from_revision", revision->revision.value);
        if (const auto* after = std::get_if<api::AfterToken>(&start)) add("after", after->token);
        if (const auto* position = std::get_if<api::FromPosition>(&start))
            add_number("from_position", position->position.value);
        if (const auto* time = std::get_if<api::FromTime>(&start))
            add("from_time", json_events::time_text(time->time));
    }
    [[nodiscard]] const std::string& text() const { return text_; }

  private:
    std::string text_;
    bool is_first_ = true;
};

/// With what the context says; a body is JSON.
inline HttpRequest request_of(
    const api::CallContext& context, std::string method, const Target& target, std::string body = ""
) {
    HttpRequest request{std::move(method), target.text(), std::move(body), {}};
    if (!request.body.empty()) request.headers.emplace_back("Content-Type", "application/json");
    if (!context.traceparent.empty())
        request.headers.emplace_back("traceparent", context.traceparent);
    if (!context.tracestate.empty()) request.headers.emplace_back("tracestate", context.tracestate);
    return request;
}

/// Who does it.
inline Status add_actor(HttpRequest& request, const std::string& actor) {
    if (actor.empty()) return ok();
    ANNALS_CHECK(check_header(actor, "actor"));
    request.headers.emplace_back("Actor", actor);
    return ok();
}

/// A path has no place for an empty name, nor for a NUL: refused here as the store would.
inline Status check_named(std::string_view name, std::string_view field) {
    const bool has_nul = name.find('\0') != std::string_view::npos;
    if (!name.empty() && !has_nul) return ok();
    return Error(
               ErrorCode::kInvalidArgument,
               std::string(field) + (has_nul ? " has a NUL" : " is empty") +
                   ": name the one that is meant"
    )
        .with("field", field)
        .with("value", "")
        .with("rule", "1 byte or more, without control characters");
}

}  // namespace annals::http_client
