// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "object_writer.hpp"

namespace annals::json_events {

void write_expected(std::string& out, const model::ExpectedRevision& expected) {
    switch (expected.kind) {
        case model::ExpectedKind::kAny:
            out += "\"any\"";
            return;
        case model::ExpectedKind::kNoStream:
            out += "\"no_stream\"";
            return;
        case model::ExpectedKind::kExists:
            out += "\"exists\"";
            return;
        case model::ExpectedKind::kDeleted:
            out += "\"deleted\"";
            return;
        case model::ExpectedKind::kExactly:
            append_number(out, expected.revision.value);
            return;
    }
}

}  // namespace annals::json_events
