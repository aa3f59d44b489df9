// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <istream>
#include <string_view>

#include "annals/base/result.hpp"

#include "input_window.hpp"

namespace annals::interchange {

/// A part of a text and the line on which it begins.
struct TextPart {
    std::string_view text;
    std::uint64_t line = 0;
};

/// Cuts an input into lines (LF or CRLF), leaving out empty ones. A line above the limit is
/// limit_exceeded with its beginning, and the next call goes on behind it. Memory: one line of at
/// most the limit, and 64 KiB. One thread.
class LineSplitter {
  public:
    LineSplitter(std::istream& input, std::size_t line_bytes_max);

    /// False at the end; io_error when the input cannot be read. The part lives until the next
    /// call.
    Result<bool> next(TextPart& part);
    [[nodiscard]] std::uint64_t consumed() const { return window_.consumed(); }

  private:
    void skip_to_line_end();

    InputWindow window_;
    const std::size_t line_bytes_max_;
    std::size_t given_ = 0;  ///< bytes to let go of at the next call
    bool is_inside_long_line_ = false;
};

}  // namespace annals::interchange
