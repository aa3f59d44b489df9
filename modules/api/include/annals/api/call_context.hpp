// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace annals::api {

/// What comes with every call, from whatever door.
struct CallContext {
    std::string_view name_space = "default";
    /// Who the server says the caller is; empty until there is identity.
    std::string_view principal;
    /// Clock::monotonic_ns() at which the caller stops waiting.
    std::int64_t deadline_ns = std::numeric_limits<std::int64_t>::max();
    /// W3C trace context of the call; put into events that bring none.
    std::string_view traceparent;
    std::string_view tracestate;
    /// The server itself, which may write `$…` streams.
    bool is_server = false;
};

/// The same in another namespace; an empty name leaves it as it is.
inline CallContext in_namespace(CallContext context, std::string_view name) {
    if (!name.empty()) context.name_space = name;
    return context;
}

}  // namespace annals::api
