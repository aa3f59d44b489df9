// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <string_view>

#include "annals/api/requests.hpp"
#include "annals/base/result.hpp"
#include "annals/base/uuid.hpp"

namespace annals::api_wire {

/// annals.v1.ReadRequest. `limit` is as on the wire: 0 means the default.
struct ReadCall {
    std::string_view name_space;
    api::ReadRequest request;
};
void encode_read_request(
    std::string& out, std::string_view name_space, const api::ReadRequest& request
);
Result<ReadCall> decode_read_request(std::string_view bytes);

/// annals.v1.ReadResponse is the bytes of the page's events followed by these.
void encode_read_response_tail(std::string& out, const api::ReadPage& page);
Result<api::ReadPage> decode_read_response(std::string_view bytes);

/// annals.v1.GetEventRequest, answered by a ReadResponse.
struct GetEventCall {
    std::string_view name_space;
    Uuid id;
};
void encode_get_event_request(std::string& out, std::string_view name_space, const Uuid& id);
Result<GetEventCall> decode_get_event_request(std::string_view bytes);

}  // namespace annals::api_wire
