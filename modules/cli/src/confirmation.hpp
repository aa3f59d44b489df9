// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>

#include "session.hpp"

namespace annals::cli {

/// What cannot be taken back: a sentence that says what happens, and the name to be typed.
struct Confirmation {
    std::string what;  ///< "deletes namespace tests with all its events, for good"
    std::string name;
    bool is_given = false;  ///< `--yes`
};

/// Asks for the name where there is somebody to type it; invalid_argument where nobody can be
/// asked, cancelled when the name was not repeated.
Status confirm(Session& session, const Confirmation& confirmation);

}  // namespace annals::cli
