// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>

#include "annals/api/call_context.hpp"
#include "annals/base/clock.hpp"
#include "annals/sdk/client.hpp"

#include "backend.hpp"
#include "failures.hpp"
#include "session_place.hpp"
#include "waiting.hpp"

namespace annals {

/// What a Client is: a view of a backend. Immutable but for the session's place.
class Client::Impl {
  public:
    // The backend is shared by all views of it and by what they gave: the last one closes it.
    std::shared_ptr<sdk::Backend> backend;
    ClientOptions options;
    std::shared_ptr<sdk::SessionPlace> session;  // shared by the copies of a session; null: none
    std::optional<TraceContext> trace;

    [[nodiscard]] TraceContext trace_now() const {
        if (trace) return *trace;
        return options.current_trace ? options.current_trace() : TraceScope::current();
    }

    /// Of calls that go on until they are ended. `traced` must outlive it.
    [[nodiscard]] api::CallContext context(const TraceContext& traced) const {
        api::CallContext context;
        context.name_space = options.name_space;
        context.traceparent = traced.parent;
        context.tracestate = traced.state;
        return context;
    }

    /// What a read must wait for and for how long.
    [[nodiscard]] std::string minimum(const std::string& chosen) const {
        return chosen.empty() && session ? session->latest() : chosen;
    }
    [[nodiscard]] std::uint32_t minimum_wait_ms() const {
        constexpr std::chrono::milliseconds kLongest{30'000};
        return static_cast<std::uint32_t>(std::min(kLongest, options.timeout).count());
    }
    void wrote(const std::string& position) const {
        if (session) session->observe(position);
    }

    [[nodiscard]] Appended append(
        std::string_view stream, std::vector<NewEvent> events, const AppendOptions& append_options
    ) const;

    enum class Repeat { kTransient, kNever };

    /// The value that `make_call(context)` answers with, within the client's timeout; a transient
    /// error is tried again until then. Throws what it ended with.
    template <typename MakeCall>
    auto call(const MakeCall& make_call, Repeat repeat = Repeat::kTransient) const {
        const TraceContext traced = trace_now();
        api::CallContext context = this->context(traced);
        const Clock& clock = system_clock();
        context.deadline_ns = clock.monotonic_ns() +
                              std::chrono::duration_cast<std::chrono::nanoseconds>(options.timeout)
                                  .count();
        std::optional<Error> before;
        for (int tries = 1;; ++tries) {
            auto answer = make_call(std::as_const(context));
            if (answer) {
                if constexpr (std::is_void_v<typename decltype(answer)::value_type>) {
                    return;
                } else {
                    return std::move(*answer);
                }
            }
            Error error = std::move(answer).take_error();
            if (repeat == Repeat::kNever || !sdk::is_transient(error)) sdk::fail(std::move(error));
            const std::int64_t left_ns = context.deadline_ns - clock.monotonic_ns();
            // the error before says more than that time is up
            if (left_ns <= 0) sdk::fail(before ? *before : error);
            const std::chrono::nanoseconds wait = sdk::wait_before(options.backoff, tries);
            if (wait.count() >= left_ns) sdk::fail(std::move(error));
            before = std::move(error);
            std::this_thread::sleep_for(wait);
        }
    }
};

}  // namespace annals
