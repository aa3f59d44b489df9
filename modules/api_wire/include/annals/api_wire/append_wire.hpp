// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <string_view>

#include "annals/api/requests.hpp"
#include "annals/base/result.hpp"
#include "annals/model/append.hpp"

namespace annals::api_wire {

/// annals.v1.AppendRequest. Views into the message's bytes.
struct AppendCall {
    std::string_view name_space;  ///< empty: default
    model::AppendRequest request;
};

/// Appends the message to `out`.
void encode_append_request(
    std::string& out, std::string_view name_space, const model::AppendRequest& request
);
/// About how many bytes encode_append_request will write; never more than it does.
[[nodiscard]] std::size_t append_request_bytes_min(const model::AppendRequest& request);
/// Adds to `call`, so that the parts of one append can be decoded one after the other. Refuses
/// damage, wrong wire types and more events or checks than Limits say, before it makes them.
Status decode_append_request(std::string_view bytes, AppendCall& call);

void encode_append_response(std::string& out, const api::AppendResponse& response);
Result<api::AppendResponse> decode_append_response(std::string_view bytes);

/// annals.v1.AppendStreamRequest; `append` is an AppendRequest's bytes.
struct AppendPart {
    std::string_view append;
    bool is_part = false;
};
/// Writes everything but the AppendRequest's bytes themselves, which the caller appends next.
void begin_append_part(std::string& out, std::size_t append_bytes, bool is_part);
Result<AppendPart> decode_append_part(std::string_view bytes);

/// annals.v1.AppendStreamResponse: the answer, or why it was refused.
void encode_append_outcome(std::string& out, const Result<api::AppendResponse>& outcome);
/// The outer Result is about the bytes, the inner one is the server's answer.
Result<Result<api::AppendResponse>> decode_append_outcome(std::string_view bytes);

}  // namespace annals::api_wire
