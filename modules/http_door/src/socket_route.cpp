// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "socket_route.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "message.hpp"
#include "parameters.hpp"
#include "request_guard.hpp"
#include "socket_session.hpp"
#include "store_routes.hpp"

namespace annals::http_door::detail {
namespace {

constexpr std::string_view kVersion = "13";
constexpr std::size_t kKeyBytes = 24;

/// Whether the comma-separated list has the word, in any case.
bool has_word(std::string_view list, std::string_view word) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    const auto is_same = [&](char a, char b) { return lower(a) == lower(b); };
    while (!list.empty()) {
        const std::size_t end = std::min(list.find(','), list.size());
        std::string_view item = list.substr(0, end);
        list.remove_prefix(std::min(end + 1, list.size()));
        while (item.starts_with(' ')) item.remove_prefix(1);
        while (item.ends_with(' ')) item.remove_suffix(1);
        if (std::equal(item.begin(), item.end(), word.begin(), word.end(), is_same)) return true;
    }
    return false;
}

/// What Beast would answer with a text of its own (RFC 6455 4.2.1): looked at before it is asked.
std::optional<Response> refused_handshake(const Request& request) {
    if (!has_word(request.header("Connection"), "upgrade") ||
        !has_word(request.header("Upgrade"), "websocket")) {
        return upgrade_required(
            "this is a websocket: open it with ws://, sub-protocol annals.v1", request
        );
    }
    const std::string_view key = request.header("Sec-WebSocket-Key");
    if (key.size() != kKeyBytes) {
        return problem(
            bad_parameter("Sec-WebSocket-Key", key, "16 bytes as base64, new for each connection"),
            request
        );
    }
    if (request.header("Sec-WebSocket-Version") == kVersion) return std::nullopt;
    Response response = upgrade_required(
        "this websocket is of RFC 6455: say Sec-WebSocket-Version: 13", request
    );
    response.headers.push_back({"Sec-WebSocket-Version", std::string(kVersion)});
    return response;
}

void open_socket(const StoreCall& call) {
    const Request& request = call.exchange.request();
    if (auto refusal = refused_handshake(request)) {
        call.exchange.answer(std::move(*refusal));
        return;
    }
    if (!is_allowed_origin(
            request.header("Origin"), request.header("Host"), call.desk.options.origins
        )) {
        call.exchange.fail(
            Error(
                ErrorCode::kNotPermitted,
                "pages of this origin may not open a websocket here: add it to http.origins"
            )
                .with("field", "Origin")
                .with("value", request.header("Origin").substr(0, 256))
        );
        return;
    }
    const std::string_view protocols = request.header("Sec-WebSocket-Protocol");
    if (!protocols.empty() && !has_word(protocols, SocketSession::kProtocol)) {
        call.exchange.fail(bad_parameter("Sec-WebSocket-Protocol", protocols, "annals.v1"));
        return;
    }
    Result<StoreLease> lease = call.desk.gate.enter();
    if (!lease) {
        call.exchange.fail(lease.error());
        return;
    }
    Response response;
    response.status = 101;
    response.upgrade = std::make_shared<SocketSession>(
        call.desk, std::string(call.name_space), trace_id_of(request), !protocols.empty()
    );
    call.exchange.answer(std::move(response));
}

}  // namespace

void add_socket_route(Router& router, Desk& desk) {
    add_store_route(router, desk, "GET", "ws", open_socket, Offers());
}

}  // namespace annals::http_door::detail
