// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// Data of an event of an entity type.
#include "type_record.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "annals/base/assert.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace annals;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto type = entities::parse_type_data(text);
    if (!type) return 0;
    const auto again = entities::parse_type_data(entities::type_data_of(*type));
    ANNALS_ASSERT(again, "what is written is read");
    ANNALS_ASSERT(
        again->version == type->version && again->schema == type->schema, "and it is the same"
    );
    return 0;
}
