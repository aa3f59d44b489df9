// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <exception>
#include <memory>
#include <span>
#include <string_view>

#include "annals/sdk/event.hpp"
#include "annals/sdk/options.hpp"

namespace annals::sdk {

/// Runs what is within a span, where there is one; an exception is told to it and goes on.
template <typename Within>
auto traced(const std::unique_ptr<TraceSpan>& span, const Within& within) {
    if (!span) return within();
    try {
        return within();
    } catch (const std::exception& error) {
        span->failed(error.what());
        throw;
    }
}

/// The span in which events are handled; null: none.
inline std::unique_ptr<TraceSpan> handling_span(
    const ClientOptions& options, std::string_view consumer, std::span<const Event> events
) {
    return options.start_handle ? options.start_handle(consumer, events) : nullptr;
}

}  // namespace annals::sdk
