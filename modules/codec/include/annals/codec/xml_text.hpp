// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <string_view>

namespace annals::codec {

/// Appends a text as it stands between the quotes of an XML attribute, or between tags. Line ends
/// and tabs become character references: a reader would make blanks of them.
void append_xml(std::string& out, std::string_view text);
/// The same as a value.
std::string xml_text(std::string_view text);

/// Appends ` name="text"`.
void append_xml_attribute(std::string& out, std::string_view name, std::string_view text);

}  // namespace annals::codec
