// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "input_window.hpp"

#include <algorithm>

namespace annals::interchange {
namespace {

constexpr std::size_t kChunkBytes = 64u << 10u;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

bool InputWindow::grow() {
    if (is_drained_) return false;
    const std::size_t old_size = buffer_.size();
    buffer_.resize(old_size + kChunkBytes);
    input_.read(buffer_.data() + old_size, static_cast<std::streamsize>(kChunkBytes));
    const auto got = static_cast<std::size_t>(input_.gcount());
    buffer_.resize(old_size + got);
    if (got < kChunkBytes) is_drained_ = true;
    return got > 0;
}

bool InputWindow::has(std::size_t at) {
    while (at >= rest().size()) {
        if (!grow()) return false;
    }
    return true;
}

void InputWindow::take(std::size_t bytes) {
    const std::string_view taken = rest().substr(0, bytes);
    line_ += static_cast<std::uint64_t>(std::count(taken.begin(), taken.end(), '\n'));
    consumed_ += bytes;
    begin_ += bytes;
    if (begin_ >= kChunkBytes) {
        buffer_.erase(0, begin_);
        begin_ = 0;
    }
}

void InputWindow::skip_byte_order_mark() {
    if (has(kByteOrderMark.size() - 1) && rest().starts_with(kByteOrderMark))
        take(kByteOrderMark.size());
}

}  // namespace annals::interchange
