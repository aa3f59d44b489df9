// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "user_json.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "refused.hpp"

// A body is refused, or it is a change that reads back from its own JSON.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        const auto change = users::parse_body({reinterpret_cast<const char*>(data), size});
        if (users::parse_body(nlohmann::json(change).dump()) != change) std::abort();
    } catch (const users::Refused& refused) {
        if (refused.reason() != users::Reason::kInvalid) std::abort();
    }
    return 0;
}
