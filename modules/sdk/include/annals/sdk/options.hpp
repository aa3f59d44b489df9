// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "annals/sdk/trace.hpp"

namespace annals {

/// How long to wait before the next try: from `first`, doubling, up to `max`, each wait drawn at
/// random from its upper half, so that clients do not come back all at once. At most a year.
struct Backoff {
    std::chrono::milliseconds first{50};
    std::chrono::milliseconds max{2'000};
};

/// TLS of a connection; PEM texts. Empty roots: those of the system.
struct Tls {
    std::string root_certificates = {};
    std::string certificate = {};  ///< of the client; with private_key
    std::string private_key = {};
    std::string server_name = {};  ///< that the certificate must have; empty: that of the address
};

/// What all calls of a client share.
struct ClientOptions {
    std::string name_space = "default";
    /// Of a call, its tries and waits included: more than 0, at most a year. Reads over pages:
    /// without a page for so long.
    std::chrono::milliseconds timeout{20'000};
    Backoff backoff = {};

    // ---- tracing: for OpenTelemetry, or by hand. All are called in the caller's thread ----

    /// The trace that a call belongs to: goes with the call, and into events that bring none.
    /// Empty: TraceScope::current. Client::with_trace goes before it.
    std::function<TraceContext()> current_trace = {};
    /// Begins the span of an append (kind PRODUCER); current_trace is asked within it.
    std::function<std::unique_ptr<TraceSpan>(std::string_view stream)> start_append = {};
    /// Begins the span in which a consumer's or a group's handler is given events (kind CONSUMER),
    /// to be linked to their writers' (Event::trace). continue_trace does without a library.
    std::function<
        std::unique_ptr<TraceSpan>(std::string_view consumer, std::span<const Event> events)>
        start_handle = {};

    // ---- of a connection to a server ----

    std::optional<Tls> tls = {};
    /// Asked before each call for a bearer token; must be quick. Needs tls, unless is_token_plain.
    /// What it throws ends the call with not_permitted.
    std::function<std::string()> token = {};
    /// The token may go without TLS: only where something else encrypts.
    bool is_token_plain = false;
    /// Metadata of every call, by name: letters, digits, `-`, `_` and `.`; printable ASCII, and any
    /// bytes under names that end in `-bin`.
    std::map<std::string, std::string> headers = {};
    /// Silence after which the server is asked whether it is there (at least 10 s), and the time it
    /// has to answer; both more than 0, at most a year.
    std::chrono::milliseconds keep_alive_interval{10'000};
    std::chrono::milliseconds keep_alive_timeout{5'000};
};

}  // namespace annals
