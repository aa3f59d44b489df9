// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>

#include "annals/api/event_store.hpp"
#include "annals/client/client.hpp"

#include "session.hpp"

namespace annals::cli {

/// Address of the server, and how long to wait for it.
client::ClientOptions client_options(const GlobalOptions& options);

/// The store of the server that the options name; unavailable when it does not answer within 5 s
/// (or --timeout).
Result<std::unique_ptr<api::EventStore>> connect_to_server(const GlobalOptions& options);

}  // namespace annals::cli
