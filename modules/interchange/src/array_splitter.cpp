// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "array_splitter.hpp"

#include <string>
#include <utility>

namespace annals::interchange {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

}  // namespace

ArraySplitter::ArraySplitter(std::istream& input, std::size_t element_bytes_max)
    : window_(input), element_bytes_max_(element_bytes_max) {
    window_.skip_byte_order_mark();
}

Error ArraySplitter::broken(std::string_view what) const {
    return Error(
               ErrorCode::kUnreadableInput,
               "line " + std::to_string(window_.line()) + ": " + std::string(what)
    )
        .with("line", std::to_string(window_.line()));
}

Status ArraySplitter::skip_blanks() {
    while (window_.has(0)) {
        const std::string_view rest = window_.rest();
        std::size_t blanks = 0;
        while (blanks < rest.size() && is_blank(rest[blanks])) ++blanks;
        window_.take(blanks);
        if (blanks < rest.size()) return ok();
    }
    if (window_.has_failed())
        return Error(ErrorCode::kIoError, "the input cannot be read any further");
    return ok();
}

/// What stands before an element, or behind the last one.
Status ArraySplitter::expect_separator() {
    ANNALS_CHECK(skip_blanks());
    const char sign = window_.has(0) ? window_.rest().front() : '\0';
    if (state_ == State::kBefore) {
        if (sign != '[') return broken("a JSON array begins with [");
        window_.take(1);
        ANNALS_CHECK(skip_blanks());
        state_ = State::kFirst;
        if (!window_.has(0) || window_.rest().front() != ']') return ok();
    } else if (sign == ',') {
        window_.take(1);
        return skip_blanks();
    } else if (sign != ']') {
        return broken("a comma or ] is expected behind an element of the array");
    }
    window_.take(1);
    state_ = State::kBehind;
    ANNALS_CHECK(skip_blanks());
    return window_.has(0) ? broken("nothing may stand behind the array") : ok();
}

Result<std::size_t> ArraySplitter::element_size() {
    std::size_t depth = 0;
    bool is_in_text = false;
    for (std::size_t at = 0; window_.has(at); ++at) {
        if (at > element_bytes_max_) {
            return broken(
                "the element has more than " + std::to_string(element_bytes_max_) + " bytes"
            );
        }
        const char sign = window_.rest()[at];
        if (is_in_text) {
            if (sign == '\\') ++at;
            if (sign == '"') is_in_text = false;
        } else if (sign == '"') {
            is_in_text = true;
        } else if (sign == '{' || sign == '[') {
            ++depth;
        } else if (sign == '}' || sign == ']') {
            if (depth == 0) return at;
            if (--depth == 0) return at + 1;
        } else if (depth == 0 && sign == ',') {
            return at;
        }
    }
    if (window_.has_failed())
        return Error(ErrorCode::kIoError, "the input cannot be read any further");
    return broken("the input ends inside of the array");
}

Result<bool> ArraySplitter::next(TextPart& part) {
    window_.take(std::exchange(given_, 0));
    if (state_ == State::kBehind) return false;
    ANNALS_CHECK(expect_separator());
    if (state_ == State::kBehind) return false;
    ANNALS_TRY(const std::size_t size, element_size());
    if (size == 0) return broken("an element of the array is expected");
    state_ = State::kBehindElement;
    part = {window_.rest().substr(0, size), window_.line()};
    given_ = size;
    return true;
}

}  // namespace annals::interchange
