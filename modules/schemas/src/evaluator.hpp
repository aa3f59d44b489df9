// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include "annals/base/result.hpp"

#include "node.hpp"

namespace annals::schemas {

/// Whether a document is valid under one node of a schema, and why not. As Schema::validate.
Result<Verdict> evaluate(const Root& root, const Node& node, const documents::Value& document);

/// The same, the answer alone: faster for one that is not valid.
Result<bool> is_valid(const Root& root, const Node& node, const documents::Value& document);

}  // namespace annals::schemas
