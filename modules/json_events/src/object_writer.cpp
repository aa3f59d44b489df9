// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "object_writer.hpp"

#include "annals/json_events/expected_text.hpp"

namespace annals::json_events {

void write_expected(std::string& out, const model::ExpectedRevision& expected) {
    const bool is_word = expected.kind != model::ExpectedKind::kExactly;
    if (is_word) out.push_back('"');
    out += expected_text(expected);
    if (is_word) out.push_back('"');
}

}  // namespace annals::json_events
