// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "confirmation.hpp"

namespace annals::cli {

Status confirm(Session& session, const Confirmation& confirmation) {
    if (confirmation.is_given) return ok();
    Terminal& terminal = session.terminal();
    if (!terminal.is_in_tty) {
        return Error(
            ErrorCode::kInvalidArgument,
            "this " + confirmation.what + ": it needs --yes where nobody can be asked"
        );
    }
    terminal.err << "This " << confirmation.what << ".\nType its name to go on: ";
    terminal.err.flush();
    std::string typed;
    std::getline(terminal.in, typed);
    if (typed == confirmation.name) return ok();
    return Error(ErrorCode::kCancelled, "the name was not repeated; nothing was changed");
}

}  // namespace annals::cli
