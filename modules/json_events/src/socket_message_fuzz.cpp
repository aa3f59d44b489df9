// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/json_events/socket_message.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

#include "annals/base/assert.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using annals::json_events::kSocketIdBytesMax;
    using annals::json_events::parse_socket_message;
    std::string id;
    const auto message = parse_socket_message(
        std::string(reinterpret_cast<const char*>(data), size), id
    );
    if (message) {
        ANNALS_ASSERT(!id.empty() && id == message->id, "what is taken has an id");
        ANNALS_ASSERT(id.size() <= kSocketIdBytesMax, "of bounded size");
    } else {
        ANNALS_ASSERT(!message.error().field("field").empty(), "a refusal names the field");
    }
    return 0;
}
