// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "sent_names.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "annals/json_events/sent_names.hpp"
#include "annals/model/names.hpp"

namespace annals::http_door::detail {
namespace {

using json_events::kSentNames;
using json_events::SentName;
using Place = json_events::SentPlace;

bool has_parameter(std::string_view query, std::string_view name) {
    while (!query.empty()) {
        const std::size_t end = std::min(query.find('&'), query.size());
        const std::string_view item = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        if (item.substr(0, item.find('=')) == name) return true;
    }
    return false;
}

bool has(const Request& request, const SentName& sent) {
    switch (sent.place) {
        case Place::kQuery:
            return has_parameter(request.query, sent.name);
        case Place::kHeader:
            return !request.header(sent.name).empty();
        case Place::kContent:
            break;
    }
    return json_events::has_member(request.body, sent.name);
}

/// A message may name more than what is refused: "until is not later than filter.recorded_since".
/// Only names with a point are sought, the others are words.
template <typename IsSent>
std::string with_sent_names(std::string message, const IsSent& is_sent) {
    for (const SentName& sent : kSentNames) {
        if (sent.field.find('.') == std::string_view::npos) continue;
        std::size_t at = message.find(sent.field);
        if (at == std::string::npos || !is_sent(sent)) continue;
        for (; at != std::string::npos; at = message.find(sent.field, at + sent.name.size())) {
            message.replace(at, sent.field.size(), sent.name);
        }
    }
    return message;
}

Error with_message(const Error& error, std::string message) {
    Error out(error.code(), std::move(message));
    for (const ErrorField& one : error.fields()) out = std::move(out).with(one.name, one.value);
    return out;
}

}  // namespace

Error renamed(const Error& error, std::string_view name) {
    const std::string_view old = error.field("field");
    std::string_view rest = error.message();
    if (!old.empty() && rest.starts_with(old)) {
        rest.remove_prefix(old.size());
    } else {
        rest = {};
    }
    Error out(
        error.code(),
        rest.empty() ? std::string(error.message()) : std::string(name) + std::string(rest)
    );
    for (const ErrorField& field : error.fields()) {
        out = std::move(out).with(field.name, field.name == "field" ? name : field.value);
    }
    return out;
}

Error as_sent(const Error& error, const Request& request) {
    const std::string_view field = error.field("field");
    if (field.empty()) return error;
    for (const SentName& sent : kSentNames) {
        if (sent.field != field || !has(request, sent)) continue;
        const Error named = renamed(error, sent.name);
        const auto is_sent = [&](const SentName& one) { return has(request, one); };
        Error out = with_message(named, with_sent_names(std::string(named.message()), is_sent));
        const bool has_value = !out.field("value").empty() || sent.place != Place::kHeader;
        return has_value ? out
                         : std::move(out).with("value", model::shown(request.header(sent.name)));
    }
    return error;
}

Error as_said(const Error& error) {
    const std::string_view field = error.field("field");
    for (const SentName& sent : kSentNames) {
        if (sent.place != Place::kContent || sent.field != field) continue;
        const Error named = renamed(error, sent.name);
        return with_message(named, words_as_said(std::string(named.message())));
    }
    return error;
}

std::string words_as_said(std::string message) {
    return with_sent_names(std::move(message), [](const SentName& sent) {
        return sent.place == Place::kContent;
    });
}

}  // namespace annals::http_door::detail
