// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "message.hpp"

namespace annals::http_door::detail {

/// What every request is asked before its route sees it; the refusal, or nothing.
///
/// A page of another origin may change nothing: a browser sends the simple requests of any page
/// that somebody opens, and asks nobody (Fetch 4.8). A condition that is there and empty, as when a
/// variable of a script was not set, would else be none at all. A body that is packed would be
/// stored packed (RFC 9110 8.4).
std::optional<Response> refused_at_the_door(
    const Request& request, const std::vector<std::string>& allowed_origins
);

/// Of a request whose content cannot be told from the next request (RFC 9112 6.1, 6.3), so that the
/// connection must end: 501 for a transfer coding other than chunked, in whatever order and however
/// many fields; 400 where the codings are none, chunked twice, or said with HTTP/1.0. Nothing where
/// there is no Transfer-Encoding, or chunked alone.
std::optional<Response> refused_transfer_coding(const HeaderFields& fields, bool is_http_1_0);

/// Whether a page of this origin may work here: none given (no browser), the server's own by the
/// header Host, or one of those allowed.
bool is_allowed_origin(
    std::string_view origin, std::string_view host, const std::vector<std::string>& allowed
);

}  // namespace annals::http_door::detail
