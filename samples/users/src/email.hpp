// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <string_view>

namespace users {

/// Why a text is no e-mail address of a user; empty: it is one. Only what no address has is
/// refused: whether somebody reads it, a message to it would tell.
[[nodiscard]] std::string why_no_email(std::string_view email);

/// The tag of the events that claim an address or give it back. Two addresses that differ in the
/// case of ASCII letters alone (A to Z) are one; any other byte counts as it is. The tag is stored
/// for ever, so that what it folds must never change: ASCII does not, while Unicode's tables of
/// cases grow with each version of a library, and a claim from before would no longer be found.
[[nodiscard]] std::string email_tag(std::string_view email);

}  // namespace users
