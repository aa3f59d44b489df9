// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// Whatever an event of a group holds: no crash, and what was understood is written and read again
// as the same.
#include "record.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "annals/base/assert.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    namespace groups = annals::groups;
    if (size == 0) return 0;
    const auto kind = static_cast<std::uint8_t>(bytes[0] % 7u);
    const std::string_view data(reinterpret_cast<const char*>(bytes) + 1, size - 1);
    if (const auto checkpoint = groups::parse_checkpoint(data)) {
        const auto again = groups::parse_checkpoint(groups::encode_checkpoint(*checkpoint));
        ANNALS_ASSERT(again && *again == *checkpoint, "a checkpoint survives being written");
    }
    const auto change_kind = static_cast<groups::ChangeKind>(kind);
    if (const auto change = groups::parse_change(groups::type_of(change_kind), data)) {
        const auto again = groups::parse_change(
            groups::type_of(change_kind), groups::encode_change(*change)
        );
        ANNALS_ASSERT(again.has_value(), "a change survives being written");
    }
    const auto type = groups::type_of(static_cast<groups::DefinitionKind>(kind));
    if (const auto definition = groups::parse_definition(type, data)) {
        const std::string text = groups::encode_definition(*definition);
        const auto again = groups::parse_definition(type, text);
        ANNALS_ASSERT(
            again && groups::encode_definition(*again) == text,
            "a definition survives being written"
        );
    }
    return 0;
}
