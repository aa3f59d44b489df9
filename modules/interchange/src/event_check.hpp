// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include "annals/base/result.hpp"
#include "annals/model/event.hpp"

namespace annals::interchange {

/// What can be told of an event without asking anybody: names, tags, sizes. Whether its stream is
/// the server's is left to the caller.
Status check_event(const model::NewEvent& event);

}  // namespace annals::interchange
