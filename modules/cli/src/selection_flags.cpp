// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "selection_flags.hpp"

#include "annals/base/clock.hpp"

#include "time_text.hpp"

namespace annals::cli {

void SelectionFlags::declare(CLI::App& command) {
    declare_selection(command, selection_, StreamName::kOption);
    constexpr const char* group = "Which events";
    command.add_option("--since", since_, "recorded then or later: a time, or 15m, 2h, 3d ago")
        ->group(group);
    command.add_option("--until", until_, "recorded before then")->group(group);
}

Result<interchange::Selection> SelectionFlags::resolve() const {
    ANNALS_CHECK(check_selection(selection_));
    interchange::Selection selection;
    selection.stream = selection_.stream;
    selection.filter = selection_.filter;
    if (!since_.empty()) {
        ANNALS_TRY(selection.since, parse_time(since_, system_clock()));
    }
    if (!until_.empty()) {
        ANNALS_TRY(selection.until, parse_time(until_, system_clock()));
    }
    return selection;
}

}  // namespace annals::cli
