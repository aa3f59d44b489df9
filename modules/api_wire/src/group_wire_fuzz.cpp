// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// Whatever a member or a server sends: no crash, and what was understood is written and read again.
#include "annals/api_wire/group_wire.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "annals/base/assert.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    namespace api_wire = annals::api_wire;
    const std::string_view input(reinterpret_cast<const char*>(bytes), size);
    if (const auto message = api_wire::decode_member_message(input); message && message->settle) {
        std::string out;
        api_wire::encode_settle_message(out, *message->settle);
        const auto again = api_wire::decode_member_message(out);
        ANNALS_ASSERT(
            again && again->settle && again->settle->size() == message->settle->size(),
            "settlements survive being written"
        );
    }
    (void)api_wire::decode_group_work(input);
    if (const auto status = api_wire::decode_group_status(input)) {
        std::string out;
        api_wire::encode_group_status(out, *status);
        ANNALS_ASSERT(api_wire::decode_group_status(out).has_value(), "a status is read again");
    }
    if (const auto history = api_wire::decode_group_history(input)) {
        std::string out;
        api_wire::encode_group_history(out, *history);
        const auto again = api_wire::decode_group_history(out);
        ANNALS_ASSERT(
            again && again->entries.size() == history->entries.size(), "a history is read again"
        );
    }
    (void)api_wire::decode_group_history_request(input);
    (void)api_wire::decode_create_group_request(input);
    (void)api_wire::decode_control_group_request(input);
    (void)api_wire::decode_change_parked_request(input);
    (void)api_wire::decode_edit_parked_request(input);
    (void)api_wire::decode_parked_details(input);
    return 0;
}
