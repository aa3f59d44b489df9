// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <istream>

#include "annals/base/result.hpp"

#include "input_window.hpp"
#include "line_splitter.hpp"

namespace annals::interchange {

/// Cuts a JSON array into its elements without looking into them: only brackets, braces and texts
/// are told apart, so an element may still be no JSON. An element above the limit, or anything
/// between elements that is no comma, is unreadable_input: nobody can tell where the next one would
/// begin. Memory: one element of at most the limit, and 64 KiB. One thread.
class ArraySplitter {
  public:
    /// The input stands before the opening bracket.
    ArraySplitter(std::istream& input, std::size_t element_bytes_max);

    /// False behind the closing bracket. The part lives until the next call.
    Result<bool> next(TextPart& part);
    [[nodiscard]] std::uint64_t consumed() const { return window_.consumed(); }

  private:
    enum class State : unsigned char { kBefore, kFirst, kBehindElement, kBehind };

    Status skip_blanks();
    Status expect_separator();
    Result<std::size_t> element_size();
    [[nodiscard]] Error broken(std::string_view what) const;

    InputWindow window_;
    const std::size_t element_bytes_max_;
    std::size_t given_ = 0;
    State state_ = State::kBefore;
};

}  // namespace annals::interchange
