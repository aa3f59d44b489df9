// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include "annals/base/error.hpp"

#include "exit_code.hpp"
#include "session.hpp"

namespace annals::cli {

/// Tells what failed and what to do next, as JSON when programs listen, and answers the exit code.
ExitCode show_failure(Session& session, const Error& error);

}  // namespace annals::cli
