// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>
#include <string>

#include "annals/api/event_store.hpp"
#include "annals/base/result.hpp"

#include "session.hpp"

namespace annals::cli {

/// The store of another server: `http://HOST:PORT` over HTTP, `HOST:PORT` or `grpc://HOST:PORT`
/// over gRPC. invalid_argument when the address is none.
Result<std::unique_ptr<api::EventStore>> connect_to_address(
    const std::string& address, const GlobalOptions& options
);

}  // namespace annals::cli
