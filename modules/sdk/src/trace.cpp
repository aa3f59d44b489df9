// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/sdk/trace.hpp"

#include <cstddef>
#include <utility>

#include "annals/base/trace_id.hpp"
#include "annals/sdk/event.hpp"

namespace annals {
namespace {

// traceparent of W3C Trace Context: 2 version - 32 trace id - 16 span id - 2 flags, in lower-case
// hexadecimal.
constexpr std::size_t kTraceAt = 3;
constexpr std::size_t kTraceDigits = 32;
constexpr std::size_t kSpanAt = kTraceAt + kTraceDigits + 1;
constexpr std::size_t kSpanDigits = 16;
constexpr std::size_t kFlagsAt = kSpanAt + kSpanDigits + 1;

/// Random hexadecimal digits, at most 32. Neither half of an id has all zeros.
std::string random_digits(std::size_t count) {
    const std::string digits = make_trace_id();
    return digits.substr(digits.size() - count);
}

TraceContext& current_of_thread() {
    thread_local TraceContext current;
    return current;
}

/// The scope of a handler, as a span.
class ContinuedTrace final : public TraceSpan {
  public:
    explicit ContinuedTrace(TraceContext trace) : scope_(std::move(trace)) {}

  private:
    const TraceScope scope_;
};

}  // namespace

bool TraceContext::is_valid() const { return !trace_id_in(parent).empty(); }

TraceContext TraceContext::child() const {
    if (!is_valid()) return make();
    // what a later version has behind the flags is not ours to hand on
    return {
        "00-" + parent.substr(kTraceAt, kTraceDigits) + "-" + random_digits(kSpanDigits) + "-" +
            parent.substr(kFlagsAt, 2),
        state
    };
}

TraceContext TraceContext::make() {
    return {"00-" + random_digits(kTraceDigits) + "-" + random_digits(kSpanDigits) + "-01", ""};
}

TraceScope::TraceScope(TraceContext trace)
    : before_(std::exchange(current_of_thread(), std::move(trace))) {}

TraceScope::~TraceScope() { current_of_thread() = std::move(before_); }

TraceContext TraceScope::current() { return current_of_thread(); }

std::unique_ptr<TraceSpan> continue_trace(
    std::string_view /*consumer*/, std::span<const Event> events
) {
    for (const Event& event : events) {
        const TraceContext writer = event.trace();
        if (writer.is_valid()) return std::make_unique<ContinuedTrace>(writer.child());
    }
    return nullptr;
}

}  // namespace annals
