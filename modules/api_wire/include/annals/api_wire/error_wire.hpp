// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "annals/base/error.hpp"

namespace annals::api_wire {

/// What fits beside a status for callers that take only gRPC's usual 8 KiB of metadata.
inline constexpr std::size_t kDetailsBytesUsual = 6u << 10u;
/// What our own clients take.
inline constexpr std::size_t kDetailsBytesOwn = 2u << 20u;
/// How our own clients' user agent begins; the door recognises them by it.
inline constexpr std::string_view kOwnUserAgent = "annals-client";

/// google.rpc.Status for the trailer grpc-status-details-bin: ErrorInfo {reason, domain "annals",
/// fields}, for a conflict annals.v1.Conflict and PreconditionFailure, RetryInfo where backing off
/// helps. Failed checks that do not fit into `bytes_max` are left out; the field `checks_failed`
/// then tells how many there are.
std::string encode_error(const Error& error, std::size_t bytes_max);

/// The error again, from a call's status. `details` may be empty or foreign: the gRPC code then
/// decides as well as it can, and what a user cannot act on in gRPC's words is said in others.
Error decode_error(int grpc_code, std::string_view message, std::string_view details);

/// Whether gRPC's message says that a connection failed because of an HTTP/1 server.
bool is_by_http1(std::string_view grpc_message);

/// A message for the trailer grpc-message: at most 1 KiB, cut at a character.
std::string shown_message(const Error& error);

/// annals.v1.AppendFailure.
void encode_append_failure(std::string& out, const Error& error);
Error decode_append_failure(std::string_view bytes);

}  // namespace annals::api_wire
