// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <string_view>

namespace annals::csv_import {

/// Appends the text (UTF-8) as a JSON string, quotes included (RFC 8259 7).
void append_json_string(std::string& out, std::string_view text);

/// Whether the text is a JSON number as it stands (RFC 8259 6).
bool is_json_number(std::string_view text);

}  // namespace annals::csv_import
