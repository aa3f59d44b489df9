// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// Whatever an event of a consumer holds: no crash, and what was understood is written and read
// again as the same.
#include "record.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "annals/base/assert.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    namespace consumers = annals::consumers;
    using annals::TimeNs;
    if (size == 0) return 0;
    const auto kind = static_cast<consumers::RecordKind>(bytes[0] & 3u);
    const std::string_view data(reinterpret_cast<const char*>(bytes) + 1, size - 1);
    const auto record = consumers::parse_record(consumers::type_of(kind), data, TimeNs(5));
    if (!record) return 0;
    const auto again = consumers::parse_record(
        consumers::type_of(kind), consumers::encode_record(*record), TimeNs(5)
    );
    ANNALS_ASSERT(again.has_value() && *again == *record, "a record survives being written");
    return 0;
}
