// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "selection_flags.hpp"

namespace annals::cli {

void SelectionFlags::declare(CLI::App& command) {
    declare_selection(command, selection_, StreamName::kOption);
}

Result<interchange::Selection> SelectionFlags::resolve() const {
    ANNALS_TRY(const Selection resolved, cli::resolve(selection_));
    return interchange::Selection{resolved.stream, resolved.filter};
}

}  // namespace annals::cli
