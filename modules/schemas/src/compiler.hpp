// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>

#include "annals/base/result.hpp"

#include "node.hpp"

namespace annals::schemas {

/// As Schema::compile.
Result<std::shared_ptr<const Root>> compile_root(
    const documents::Value& schema, CompileOptions options
);

}  // namespace annals::schemas
