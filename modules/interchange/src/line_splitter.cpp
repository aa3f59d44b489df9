// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "line_splitter.hpp"

#include <string>
#include <utility>

namespace annals::interchange {
namespace {

constexpr std::size_t kShownBytes = 4'096;

}  // namespace

LineSplitter::LineSplitter(std::istream& input, std::size_t line_bytes_max)
    : window_(input), line_bytes_max_(line_bytes_max) {
    window_.skip_byte_order_mark();
}

Result<bool> LineSplitter::next(TextPart& part) {
    window_.take(std::exchange(given_, 0));
    if (std::exchange(is_inside_long_line_, false)) skip_to_line_end();
    std::size_t searched = 0;
    while (true) {
        const std::string_view rest = window_.rest();
        const std::size_t line_end = rest.find('\n', searched);
        const bool is_whole = line_end != std::string_view::npos;
        searched = is_whole ? line_end : rest.size();
        if (searched > line_bytes_max_) break;
        if (!is_whole && window_.grow()) continue;
        if (window_.has_failed())
            return Error(ErrorCode::kIoError, "the input cannot be read any further");
        if (!is_whole && rest.empty()) return false;
        part = {rest.substr(0, searched), window_.line()};
        if (part.text.ends_with('\r')) part.text.remove_suffix(1);
        const std::size_t taken = searched + (is_whole ? 1 : 0);
        if (part.text.find_first_not_of(" \t") != std::string_view::npos) {
            given_ = taken;
            return true;
        }
        window_.take(taken);
        searched = 0;
    }
    part = {window_.rest().substr(0, kShownBytes), window_.line()};
    given_ = kShownBytes;
    is_inside_long_line_ = true;
    return Error(
        ErrorCode::kLimitExceeded,
        "the line has more than " + std::to_string(line_bytes_max_) + " bytes"
    );
}

void LineSplitter::skip_to_line_end() {
    while (window_.has(0)) {
        const std::size_t line_end = window_.rest().find('\n');
        if (line_end != std::string_view::npos) return window_.take(line_end + 1);
        window_.take(window_.rest().size());
    }
}

}  // namespace annals::interchange
