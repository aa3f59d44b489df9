// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <istream>
#include <ostream>
#include <string>
#include <string_view>

namespace annals::cli {

/// Where a command reads and writes, and what is at the other end. Tests make one of string
/// streams.
struct Terminal {
    std::istream& in;
    std::ostream& out;
    std::ostream& err;
    bool is_out_tty = false;
    bool is_err_tty = false;
    bool is_in_tty = false;
    bool has_colour = false;  ///< is_out_tty, and NO_COLOR is not set
    std::size_t columns = 100;
    bool is_standard = false;  ///< `out` is the program's standard output

    /// Whether `out` is a pipe that nobody reads any more.
    [[nodiscard]] bool is_reader_gone() const;
};

/// The program's own, with what the environment says.
Terminal standard_terminal();

/// The text between escape sequences when the terminal takes colours, else as it is.
enum class Style : unsigned char { kBold, kDim, kRed, kGreen, kYellow, kCyan };
std::string styled(const Terminal& terminal, Style style, std::string_view text);

/// The text with control characters (and escape sequences) made visible: data of others must not
/// steer a terminal.
std::string printable(std::string_view text);

/// Columns that the text takes: code points, good enough for names.
std::size_t display_width(std::string_view text);
/// At most so many columns, with … where it was cut.
std::string shortened(std::string_view text, std::size_t columns);

}  // namespace annals::cli
