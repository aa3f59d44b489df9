// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "email.hpp"

#include <algorithm>

namespace users {
namespace {

constexpr std::size_t kBytesMax = 254;  // RFC 5321, 4.5.3.1.3

}  // namespace

std::string why_no_email(std::string_view email) {
    if (email.empty()) return "missing email";
    if (email.size() > kBytesMax) {
        return "email has " + std::to_string(email.size()) + " bytes, more than " +
               std::to_string(kBytesMax);
    }
    const auto is_blank = [](unsigned char sign) { return sign <= ' ' || sign == 0x7f; };
    const std::size_t at = email.rfind('@');
    const bool has_parts = at != std::string_view::npos && at > 0 && at + 1 < email.size();
    if (!has_parts || std::any_of(email.begin(), email.end(), is_blank)) {
        return "email \"" + std::string(email) + "\" is not of the form name@domain";
    }
    return "";
}

std::string email_tag(std::string_view email) {
    std::string tag = "email:";
    for (const char sign : email) {
        const bool is_upper = sign >= 'A' && sign <= 'Z';
        tag.push_back(is_upper ? static_cast<char>(sign - 'A' + 'a') : sign);
    }
    return tag;
}

}  // namespace users
