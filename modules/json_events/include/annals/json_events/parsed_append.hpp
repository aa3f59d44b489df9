// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "annals/base/result.hpp"
#include "annals/json_events/sent_names.hpp"
#include "annals/model/append.hpp"

namespace annals::json_events {

/// What the bytes of an append are.
enum class AppendFormat : std::uint8_t {
    kPlain,       ///< an event, an array of events, or an object with `events`
    kCloudEvent,  ///< one CloudEvent, structured
    kCloudBatch,  ///< an array of CloudEvents
};

/// An attribute of a CloudEvent in binary mode: the header's name without `ce-`, its value decoded.
struct CloudAttribute {
    std::string name;
    std::string value;
};

/// An append read from JSON. The request is views over what it keeps, so it must outlive the call
/// of append(). Movable, not copyable; one thread at a time.
///
/// Errors are invalid_argument with `field`, as it stands in the content ("events[3].tags[1]" where
/// that has `events`, "[3].tags[1]" of an array, "tags[1]" of one event, "ce-id" of a header
/// field), `value` and what is accepted; names, sizes and numbers of things are for the store's
/// admission to judge.
class ParsedAppend {
  public:
    /// `stream` is where events go that name none; empty: each must name its own (a CloudEvent by
    /// its subject).
    static Result<ParsedAppend> parse(std::string body, AppendFormat format, std::string stream);
    /// A CloudEvent in binary mode: the body is its data.
    static Result<ParsedAppend> parse_binary(
        std::string body,
        std::string content_type,
        const std::vector<CloudAttribute>& attributes,
        std::string stream
    );
    ParsedAppend(ParsedAppend&&) noexcept;
    ParsedAppend& operator=(ParsedAppend&&) noexcept;
    ~ParsedAppend();

    [[nodiscard]] model::AppendRequest& request();
    /// For what the store refuses: event_field_as_sent() makes its names those of the content.
    [[nodiscard]] SentEvents sent_events() const;
    /// Keeps the text as long as this lives.
    std::string_view keep(std::string text);

  private:
    struct Body;
    explicit ParsedAppend(std::unique_ptr<Body> body);
    std::unique_ptr<Body> body_;
};

}  // namespace annals::json_events
