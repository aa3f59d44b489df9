// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "removed_wire.hpp"

#include <string>

namespace annals::api_wire {

void encode_removed(
    MessageWriter& writer, std::uint32_t field, const std::vector<api::RemovedEvents>& removed
) {
    for (const api::RemovedEvents& one : removed) {
        writer.nested(field, [&](std::string& out) {
            MessageWriter into(out);
            into.number(1, one.first_position.value);
            into.number(2, one.last_position.value);
            into.number(3, one.events);
            if (one.first_revision) into.always().varint(4, one.first_revision->value);
            if (one.last_revision) into.always().varint(5, one.last_revision->value);
            into.sfixed64(6, one.removed_time.value);
            into.boolean(7, one.is_uncertain);
        });
    }
}

Result<api::RemovedEvents> decode_removed(std::string_view bytes) {
    api::RemovedEvents removed;
    MessageReader in("RemovedEvents", bytes);
    while (in.next()) {
        switch (in.field()) {
            case 1:
                removed.first_position = Position(in.varint());
                break;
            case 2:
                removed.last_position = Position(in.varint());
                break;
            case 3:
                removed.events = in.varint();
                break;
            case 4:
                removed.first_revision = Revision(in.varint());
                break;
            case 5:
                removed.last_revision = Revision(in.varint());
                break;
            case 6:
                removed.removed_time = TimeNs(in.sfixed64());
                break;
            case 7:
                removed.is_uncertain = in.boolean();
                break;
            default:
                break;
        }
    }
    ANNALS_CHECK(in.finish());
    return removed;
}

}  // namespace annals::api_wire
