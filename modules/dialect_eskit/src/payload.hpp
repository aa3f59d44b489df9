// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <string_view>

#include "annals/base/result.hpp"

namespace annals::dialect_eskit {

/// Documents of eskit's crud store as texts, the way Go's JSON and eskit's merge patches have them:
/// what a patch does not touch keeps its text (member order, digits of numbers); objects that it
/// enters are written anew, members sorted by bytes; `<`, `>` and `&` are escaped. Pure.

/// The merge patch (RFC 7396) from one document to another, as text; `{}` when they are alike. A
/// member that is null in `after` alone is left out, as eskit does. invalid_argument
/// `Invalid JSON Document` unless both are objects.
Result<std::string> patch_between(std::string_view before, std::string_view after);

/// documents::hash_of the document, as `entities` reads it; empty when it does not.
std::string hash_of_document(std::string_view document);

/// The document with a merge patch applied. invalid_argument `Invalid JSON Document`.
Result<std::string> patched(std::string_view document, std::string_view patch);

}  // namespace annals::dialect_eskit
