// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include "annals/model/event.hpp"

#include "arena.hpp"

namespace annals::interchange {

/// The event with its texts in the arena.
model::NewEvent copy_of(const model::NewEvent& event, Arena& arena);

/// Bytes that count against the limits of an event: payload and envelope, without framing.
std::size_t size_of(const model::NewEvent& event);

}  // namespace annals::interchange
