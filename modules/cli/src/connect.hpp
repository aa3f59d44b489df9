// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>

#include "annals/api/event_store.hpp"

#include "session.hpp"

namespace annals::cli {

/// The store of the server that the options name; unavailable when it does not answer within 5 s
/// (or --timeout).
Result<std::unique_ptr<api::EventStore>> connect_to_server(const GlobalOptions& options);

}  // namespace annals::cli
