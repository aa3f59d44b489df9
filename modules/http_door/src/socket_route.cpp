// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "socket_route.hpp"

#include <algorithm>
#include <memory>
#include <string>

#include "parameters.hpp"
#include "request_guard.hpp"
#include "socket_session.hpp"
#include "store_routes.hpp"

namespace annals::http_door::detail {
namespace {

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

void open_socket(const StoreCall& call) {
    const Request& request = call.exchange.request();
    if (!has_word(request.header("Connection"), "upgrade") ||
        !has_word(request.header("Upgrade"), "websocket")) {
        Response response = problem(
            426, "this is a websocket: open it with ws://, sub-protocol annals.v1", request
        );
        response.headers.push_back({"Upgrade", "websocket"});
        call.exchange.answer(std::move(response));
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
    add_store_route(router, desk, "GET", "ws", open_socket);
}

}  // namespace annals::http_door::detail
