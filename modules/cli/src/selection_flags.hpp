// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "annals/base/result.hpp"
#include "annals/interchange/selection.hpp"

#include "selection.hpp"

namespace annals::cli {

/// Which events are copied: as in `stream read`, and recorded when.
class SelectionFlags {
  public:
    void declare(CLI::App& command);
    [[nodiscard]] Result<interchange::Selection> resolve() const;

  private:
    Selection selection_;
};

}  // namespace annals::cli
