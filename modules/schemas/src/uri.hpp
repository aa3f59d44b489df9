// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <string_view>

namespace annals::schemas {

/// A reference against a base (RFC 3986 5.2); either may be empty. Keeps the fragment.
std::string resolve(std::string_view base, std::string_view reference);

/// What stands before the `#`, and behind it (percent-decoded; "%2" without two digits stays).
std::string_view without_fragment(std::string_view uri);
std::string fragment_of(std::string_view uri);

}  // namespace annals::schemas
