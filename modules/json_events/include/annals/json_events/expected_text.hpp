// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "annals/model/append.hpp"

namespace annals::json_events {

/// What a word says about a stream: `any`, `no_stream`, `exists`, `deleted`; nothing for others.
std::optional<model::ExpectedRevision> parse_expected_word(std::string_view word);
/// The other way round: a word, or the revision in decimal digits.
std::string expected_text(const model::ExpectedRevision& expected);
/// As parse_expected_word, or a revision in decimal digits, as it stands in a query string.
std::optional<model::ExpectedRevision> parse_expected(std::string_view text);

}  // namespace annals::json_events
