// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/codec/xml_text.hpp"

namespace annals::codec {

void append_xml(std::string& out, std::string_view text) {
    for (const char sign : text) {
        switch (sign) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\t':
                out += "&#9;";
                break;
            case '\n':
                out += "&#10;";
                break;
            case '\r':
                out += "&#13;";
                break;
            default:
                out.push_back(sign);
        }
    }
}

std::string xml_text(std::string_view text) {
    std::string out;
    append_xml(out, text);
    return out;
}

void append_xml_attribute(std::string& out, std::string_view name, std::string_view text) {
    out.push_back(' ');
    out += name;
    out += "=\"";
    append_xml(out, text);
    out.push_back('"');
}

}  // namespace annals::codec
