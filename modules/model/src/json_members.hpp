// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace annals::model {

/// One member of a JSON object, as it stands in the text.
struct JsonMember {
    std::string_view key;    ///< with its quotes
    std::string_view value;  ///< without space around it
    std::string_view all;    ///< from behind the brace or comma before it to the one after it
};

/// The members of the object that `text` is; nothing when it is no JSON object (RFC 8259, UTF-8).
/// Views into the text.
std::optional<std::vector<JsonMember>> json_members(std::string_view text);

}  // namespace annals::model
