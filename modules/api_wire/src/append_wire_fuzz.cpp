// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// Whatever arrives as a message is read or refused; what was read can be written and read again.
#include "annals/api_wire/append_wire.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "annals/api_wire/catalog_wire.hpp"
#include "annals/api_wire/error_wire.hpp"
#include "annals/api_wire/read_wire.hpp"
#include "annals/api_wire/subscribe_wire.hpp"
#include "annals/base/assert.hpp"

namespace {

using annals::api_wire::AppendCall;
using annals::api_wire::decode_append_outcome;
using annals::api_wire::decode_append_part;
using annals::api_wire::decode_append_response;
using annals::api_wire::decode_category_list;
using annals::api_wire::decode_error;
using annals::api_wire::decode_get_event_request;
using annals::api_wire::decode_list_request;
using annals::api_wire::decode_namespace_list;
using annals::api_wire::decode_namespace_request;
using annals::api_wire::decode_read_request;
using annals::api_wire::decode_read_response;
using annals::api_wire::decode_server_info;
using annals::api_wire::decode_stream_info;
using annals::api_wire::decode_stream_list;
using annals::api_wire::decode_subscribe_request;
using annals::api_wire::decode_subscribe_response;
using annals::api_wire::encode_append_request;
using annals::api_wire::encode_read_request;

void check_append(std::string_view bytes) {
    AppendCall call;
    if (!decode_append_request(bytes, call)) return;
    std::string once;
    encode_append_request(once, call.name_space, call.request);
    AppendCall again;
    ANNALS_ASSERT(decode_append_request(once, again).has_value(), "what we write, we read");
    std::string twice;
    encode_append_request(twice, again.name_space, again.request);
    ANNALS_ASSERT(once == twice, "reading and writing settles after one round");
}

void check_read(std::string_view bytes) {
    const auto call = decode_read_request(bytes);
    if (!call) return;
    std::string once;
    encode_read_request(once, call->name_space, call->request);
    ANNALS_ASSERT(decode_read_request(once).has_value(), "what we write, we read");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    check_append(bytes);
    check_read(bytes);
    (void)decode_append_response(bytes);
    (void)decode_append_part(bytes);
    (void)decode_append_outcome(bytes);
    (void)decode_read_response(bytes);
    (void)decode_subscribe_request(bytes);
    (void)decode_subscribe_response(bytes);
    (void)decode_get_event_request(bytes);
    (void)decode_list_request(bytes);
    (void)decode_stream_list(bytes);
    (void)decode_category_list(bytes);
    (void)decode_stream_info(bytes);
    (void)decode_namespace_request(bytes);
    (void)decode_namespace_list(bytes);
    (void)decode_server_info(bytes);
    (void)decode_error(9, "", bytes);
    return 0;
}
