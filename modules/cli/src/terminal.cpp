// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "terminal.hpp"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <iostream>

namespace annals::cli {
namespace {

std::size_t terminal_columns() {
    winsize size{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20) return size.ws_col;
    return 100;
}

bool is_continuation(char sign) { return (static_cast<unsigned char>(sign) & 0xC0u) == 0x80u; }

}  // namespace

bool Terminal::is_reader_gone() const {
    if (!is_standard) return false;
    pollfd output{STDOUT_FILENO, POLLOUT, 0};
    return poll(&output, 1, 0) == 1 && (output.revents & (POLLERR | POLLHUP)) != 0;
}

Terminal standard_terminal() {
    Terminal terminal{std::cin, std::cout, std::cerr};
    terminal.is_standard = true;
    terminal.is_in_tty = isatty(STDIN_FILENO) == 1;
    terminal.is_out_tty = isatty(STDOUT_FILENO) == 1;
    terminal.is_err_tty = isatty(STDERR_FILENO) == 1;
    const char* const no_colour = std::getenv("NO_COLOR");  // NOLINT(concurrency-mt-unsafe)
    terminal.has_colour = terminal.is_out_tty && (no_colour == nullptr || *no_colour == '\0');
    if (terminal.is_out_tty) terminal.columns = terminal_columns();
    return terminal;
}

std::string styled(const Terminal& terminal, Style style, std::string_view text) {
    constexpr std::array<std::string_view, 6> kCodes{"1", "2", "31", "32", "33", "36"};
    if (!terminal.has_colour) return std::string(text);
    std::string out = "\033[";
    out += kCodes.at(static_cast<std::size_t>(style));
    return out.append("m").append(text).append("\033[0m");
}

std::string printable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char sign : text) {
        const auto code = static_cast<unsigned char>(sign);
        if (code >= 0x20 && code != 0x7F) {
            out += sign;
        } else {
            constexpr std::string_view kHex = "0123456789abcdef";
            out += "\\x";
            out += kHex[code >> 4u];
            out += kHex[code & 15u];
        }
    }
    return out;
}

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    for (const char sign : text) width += is_continuation(sign) ? 0 : 1;
    return width;
}

std::string shortened(std::string_view text, std::size_t columns) {
    if (display_width(text) <= columns) return std::string(text);
    std::size_t at = 0;
    for (std::size_t width = 0; at < text.size(); ++at) {
        if (is_continuation(text[at])) continue;
        if (++width >= columns) break;
    }
    return std::string(text.substr(0, at)) + "…";
}

}  // namespace annals::cli
