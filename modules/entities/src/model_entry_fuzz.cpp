// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// A value of the read model's files.
#include "model_entry.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "annals/base/assert.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace annals;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    (void)entities::decode_entry(bytes, false);
    const auto entry = entities::decode_entry(bytes, true);
    if (!entry) return 0;
    const std::string written = entities::encode_entry(*entry);
    const auto again = entities::decode_entry(written, true);
    ANNALS_ASSERT(again, "what is written is read");
    ANNALS_ASSERT(entities::encode_entry(*again) == written, "and it is the same");
    return 0;
}
