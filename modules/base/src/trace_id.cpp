// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/base/trace_id.hpp"

#include <algorithm>
#include <cstddef>

#include "annals/base/uuid.hpp"

namespace annals {
namespace {

// 2 version - 32 trace id - 16 span id - 2 flags, in lower-case hexadecimal.
constexpr std::size_t kTraceAt = 3;
constexpr std::size_t kTraceDigits = 32;
constexpr std::size_t kSpanAt = kTraceAt + kTraceDigits + 1;
constexpr std::size_t kSpanDigits = 16;
constexpr std::size_t kFlagsAt = kSpanAt + kSpanDigits + 1;
constexpr std::size_t kLength = kFlagsAt + 2;

bool is_hex(std::string_view text) {
    return std::ranges::all_of(text, [](char sign) {
        return (sign >= '0' && sign <= '9') || (sign >= 'a' && sign <= 'f');
    });
}

bool is_id(std::string_view text) {
    return is_hex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

}  // namespace

std::string_view trace_id_in(std::string_view traceparent) {
    const std::string_view text = traceparent;
    if (text.size() < kLength || text[2] != '-' || text[kSpanAt - 1] != '-' ||
        text[kFlagsAt - 1] != '-') {
        return {};
    }
    const std::string_view version = text.substr(0, 2);
    if (!is_hex(version) || version == "ff") return {};
    // later versions may have more behind a dash
    if (text.size() > kLength && (version == "00" || text[kLength] != '-')) return {};
    const std::string_view trace = text.substr(kTraceAt, kTraceDigits);
    const bool is_whole = is_id(trace) && is_id(text.substr(kSpanAt, kSpanDigits)) &&
                          is_hex(text.substr(kFlagsAt, 2));
    return is_whole ? trace : std::string_view();
}

std::string make_trace_id() {
    std::string digits = make_uuid_v4().to_string();
    std::erase(digits, '-');
    return digits;
}

}  // namespace annals
