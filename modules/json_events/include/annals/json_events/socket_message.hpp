// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "annals/api/requests.hpp"
#include "annals/base/result.hpp"
#include "annals/json_events/event_json.hpp"

namespace annals::json_events {

// What a client says on a websocket (docs/reference/http.md): one JSON object a message, `op` names
// it, `id` is the client's own name for what it is about.

/// `{"op":"subscribe","id":"a","stream":"order-1","from":0,"credit":1000}`
struct SubscribeMessage {
    std::string name_space;  ///< empty: that of the connection
    api::SubscribeRequest request;
    /// `after`: a token, or the id of an event.
    std::optional<std::string> resume;
    std::uint64_t credit = 0;  ///< events that may come; more by `credit`
    EventFormat format = EventFormat::kPlain;
};
/// `{"op":"credit","id":"a","events":500}`
struct CreditMessage {
    std::uint64_t events = 0;
};
/// `{"op":"unsubscribe","id":"a"}`
struct UnsubscribeMessage {};
/// `{"op":"ping","id":"x"}`
struct PingMessage {};

struct SocketMessage {
    std::string id;
    std::variant<SubscribeMessage, CreditMessage, UnsubscribeMessage, PingMessage> body;
};

/// At most this many events may be on credit.
inline constexpr std::uint64_t kCreditMax = 1'000'000'000;
inline constexpr std::size_t kSocketIdBytesMax = 128;

/// invalid_argument with field, value and rule. The id is read as far as it can be: `id_seen` is
/// set also where the message is refused, so that the answer can name it.
Result<SocketMessage> parse_socket_message(std::string text, std::string& id_seen);

}  // namespace annals::json_events
