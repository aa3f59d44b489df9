// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <string_view>

namespace annals::documents {

/// As a JSON string with its quotes, escaped as RFC 8785 3.2.2.2 has it (json_events writes \b and
/// \f otherwise). The text must be UTF-8.
void write_string(std::string& out, std::string_view text);

}  // namespace annals::documents
