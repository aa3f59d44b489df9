// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// Whatever a caller or a server sends about consumers: no crash, and what was understood is written
// and read again as the same.
#include "annals/api_wire/consumer_wire.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "annals/base/assert.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    namespace api_wire = annals::api_wire;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    (void)api_wire::decode_claim_consumer_request(bytes);
    (void)api_wire::decode_named_consumer_request(bytes);
    (void)api_wire::decode_list_consumers_request(bytes);
    (void)api_wire::decode_save_progress_request(bytes);
    (void)api_wire::decode_remove_consumer_request(bytes);
    (void)api_wire::decode_consumer_history_request(bytes);
    if (const auto history = api_wire::decode_consumer_history(bytes)) {
        std::string written;
        api_wire::encode_consumer_history(written, *history);
        const auto again = api_wire::decode_consumer_history(written);
        ANNALS_ASSERT(again && again->entries == history->entries, "a history survives");
    }
    if (const auto call = api_wire::decode_rewind_consumer_request(bytes)) {
        std::string written;
        api_wire::encode_rewind_consumer_request(written, call->name_space, call->request);
        const auto again = api_wire::decode_rewind_consumer_request(written);
        ANNALS_ASSERT(again && again->request.to == call->request.to, "a place survives");
    }
    if (const auto list = api_wire::decode_consumer_list(bytes)) {
        std::string written;
        api_wire::encode_consumer_list(written, *list);
        const auto again = api_wire::decode_consumer_list(written);
        ANNALS_ASSERT(again && again->consumers == list->consumers, "a list survives");
    }
    return 0;
}
