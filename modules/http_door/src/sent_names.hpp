// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <string_view>

#include "annals/base/error.hpp"

#include "message.hpp"

namespace annals::http_door::detail {

/// The error as the caller can read it: the store names the fields of its own requests
/// (`filter.stream_pattern`), a caller of HTTP knows what he sent (the parameter `match`). A name
/// is only changed to one that the request has; the table is json_events/sent_names.hpp. Cost:
/// nothing where the error names no field.
Error as_sent(const Error& error, const Request& request);

/// The same for what was said on a websocket, whose members have names of their own.
Error as_said(const Error& error);
/// The same for a message that is kept without its error, of a group's settings.
std::string words_as_said(std::string message);

/// The error with another name for the thing that it names: in `field`, and where its message
/// begins with it. Without its details.
Error renamed(const Error& error, std::string_view name);

}  // namespace annals::http_door::detail
