// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "expected.hpp"

#include <charconv>

namespace annals::cli {

Result<std::optional<model::ExpectedRevision>> parse_expected(const std::string& text) {
    using model::ExpectedRevision;
    if (text == "any") return std::optional<ExpectedRevision>();
    if (text == "none") return std::optional(ExpectedRevision::no_stream());
    if (text == "exists") return std::optional(ExpectedRevision::exists());
    if (text == "deleted") return std::optional(ExpectedRevision::deleted());
    std::uint64_t revision = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), revision);
    if (error != std::errc() || end != text.data() + text.size()) {
        return Error(
                   ErrorCode::kInvalidArgument,
                   "--expect " + text + ": give any, none, exists, deleted or a revision"
        )
            .with("field", "--expect")
            .with("value", text);
    }
    return std::optional(ExpectedRevision::exactly(Revision(revision)));
}

}  // namespace annals::cli
