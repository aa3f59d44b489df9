// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/json_events/expected_text.hpp"

#include <charconv>

namespace annals::json_events {

std::optional<model::ExpectedRevision> parse_expected_word(std::string_view word) {
    using Expected = model::ExpectedRevision;
    if (word == "any") return Expected::any();
    if (word == "no_stream") return Expected::no_stream();
    if (word == "exists") return Expected::exists();
    if (word == "deleted") return Expected::deleted();
    return std::nullopt;
}

std::string expected_text(const model::ExpectedRevision& expected) {
    switch (expected.kind) {
        case model::ExpectedKind::kAny:
            return "any";
        case model::ExpectedKind::kNoStream:
            return "no_stream";
        case model::ExpectedKind::kExists:
            return "exists";
        case model::ExpectedKind::kDeleted:
            return "deleted";
        case model::ExpectedKind::kExactly:
            break;
    }
    return std::to_string(expected.revision.value);
}

std::optional<model::ExpectedRevision> parse_expected(std::string_view text) {
    if (const auto word = parse_expected_word(text)) return word;
    std::uint64_t revision = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, revision);
    if (text.empty() || error != std::errc() || stop != end) return std::nullopt;
    return model::ExpectedRevision::exactly(Revision(revision));
}

}  // namespace annals::json_events
