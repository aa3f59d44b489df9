// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "annals/annals.hpp"

#include "samples/router.hpp"

namespace samples {

/// How long a question about health waits for the store.
inline constexpr std::chrono::milliseconds kProbeMax{1'000};

/// Throws the store's Failure unless it answers a read of its newest event within kProbeMax.
void probe(const annals::Client& client);

/// `GET /health/live`: this process runs. `GET /health/ready`: the store answers, and
/// `why_not_ready` has nothing to say; else 503 with the reason.
void add_health_routes(
    Router& router,
    const annals::Client& client,
    const std::function<std::string()>& why_not_ready = {}
);

}  // namespace samples
