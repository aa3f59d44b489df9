// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string_view>

namespace annals::interchange {

/// Whether the text is a JSON number as it stands (RFC 8259 6).
bool is_json_number(std::string_view text);

}  // namespace annals::interchange
