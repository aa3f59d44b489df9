// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <istream>
#include <string>
#include <string_view>

namespace annals::interchange {

/// The part of an input that is looked at just now: grows while a record is being looked for, lets
/// go of what was taken, counts bytes and lines. One thread.
class InputWindow {
  public:
    explicit InputWindow(std::istream& input) : input_(input) {}

    /// Bytes from the place reached on.
    [[nodiscard]] std::string_view rest() const { return std::string_view(buffer_).substr(begin_); }
    /// Adds another 64 KiB to rest(); false at the end of the input, or when it failed.
    bool grow();
    /// Whether rest() reaches beyond the place, after growing as far as needed.
    bool has(std::size_t at);
    /// Lets go of so many bytes of rest().
    void take(std::size_t bytes);
    /// UTF-8's mark at the very beginning.
    void skip_byte_order_mark();

    [[nodiscard]] bool has_failed() const { return input_.bad(); }
    [[nodiscard]] std::uint64_t line() const { return line_; }  ///< 1-based, of rest()'s begin
    [[nodiscard]] std::uint64_t consumed() const { return consumed_; }

  private:
    std::istream& input_;
    std::string buffer_;
    std::size_t begin_ = 0;
    std::uint64_t line_ = 1;
    std::uint64_t consumed_ = 0;
    bool is_drained_ = false;
};

}  // namespace annals::interchange
