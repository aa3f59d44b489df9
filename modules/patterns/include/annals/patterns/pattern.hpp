// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "annals/base/result.hpp"

namespace annals::patterns {

/// Whose words a pattern is written in.
enum class Dialect : std::uint8_t {
    kPcre,
    /// ECMA-262 as far as PCRE2 goes along: `$` is the very end, `\u1234` and `\u{1F600}` are
    /// characters, `[^]` is any character, a group that took no part matches nothing.
    kEcmaScript,
};

/// A regular expression. A text matches that contains what it describes; `^` and `$` anchor it.
/// Immutable and cheap to copy; any thread.
class Pattern {
  public:
    static constexpr std::size_t kBytesMax = 1'024;

    /// invalid_argument with `field`, `value` and `reason` when it is no pattern, or would need
    /// more than 64 KiB compiled (PCRE2's own limit); limit_exceeded when it is longer than
    /// kBytesMax.
    static Result<Pattern> compile(
        std::string_view text, std::string_view field, Dialect dialect = Dialect::kPcre
    );

    /// invalid_argument with the field when the pattern takes too many steps on this text. The text
    /// must be UTF-8; one that is not does not match.
    [[nodiscard]] Result<bool> matches(std::string_view text) const;
    [[nodiscard]] const std::string& text() const;

  private:
    struct Compiled;
    explicit Pattern(std::shared_ptr<const Compiled> compiled);
    /// Copies share it: it never changes.
    std::shared_ptr<const Compiled> compiled_;
};

}  // namespace annals::patterns
