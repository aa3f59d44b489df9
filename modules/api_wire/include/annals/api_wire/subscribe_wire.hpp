// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <string_view>

#include "annals/api/requests.hpp"
#include "annals/base/result.hpp"

namespace annals::api_wire {

/// annals.v1.SubscribeRequest; what is 0 on the wire comes out as the documented default.
struct SubscribeCall {
    std::string_view name_space;
    api::SubscribeRequest request;
};
void encode_subscribe_request(
    std::string& out, std::string_view name_space, const api::SubscribeRequest& request
);
Result<SubscribeCall> decode_subscribe_request(std::string_view bytes);

/// annals.v1.SubscribeResponse is the bytes of the frame's events followed by these.
void encode_subscribe_response_tail(std::string& out, const api::SubscriptionFrame& frame);
Result<api::SubscriptionFrame> decode_subscribe_response(std::string_view bytes);

}  // namespace annals::api_wire
