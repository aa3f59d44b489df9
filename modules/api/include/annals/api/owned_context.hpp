// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "annals/api/call_context.hpp"

namespace annals::api {

/// The context of a call that is taken to another thread: owns what a CallContext points to. A
/// value; the contexts that it gives live as long as it does.
class OwnedContext {
  public:
    explicit OwnedContext(const CallContext& context)
        : name_space_(context.name_space),
          principal_(context.principal),
          traceparent_(context.traceparent),
          tracestate_(context.tracestate),
          deadline_ns_(context.deadline_ns) {}

    /// As it came; never the server's own.
    [[nodiscard]] CallContext get() const { return in(name_space_); }
    /// In a namespace that the request names; empty: the default one. Views into this and it.
    [[nodiscard]] CallContext in(std::string_view name_space) const {
        CallContext context;
        if (!name_space.empty()) context.name_space = name_space;
        context.principal = principal_;
        context.traceparent = traceparent_;
        context.tracestate = tracestate_;
        context.deadline_ns = deadline_ns_;
        return context;
    }

  private:
    std::string name_space_;
    std::string principal_;
    std::string traceparent_;
    std::string tracestate_;
    std::int64_t deadline_ns_;
};

}  // namespace annals::api
