// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace annals {

struct Event;

/// W3C trace context: the texts of `traceparent` and `tracestate`. A value; empty: none.
struct TraceContext {
    std::string parent = {};
    std::string state = {};

    [[nodiscard]] bool empty() const { return parent.empty(); }
    /// `parent` is a traceparent as W3C has it (version 00, or a later one that begins like it).
    [[nodiscard]] bool is_valid() const;
    /// The same trace and state with a span id of its own: what a step within this one hands on.
    /// Of what is not valid: as make().
    [[nodiscard]] TraceContext child() const;
    /// Begins a trace, sampled; random ids.
    [[nodiscard]] static TraceContext make();

    bool operator==(const TraceContext&) const = default;
};

/// While it lives, calls of this thread and the events that they write belong to a trace, where
/// ClientOptions::current_trace says nothing else. For programs without a tracing library. Scopes
/// nest; each ends in the thread that began it.
class TraceScope {
  public:
    explicit TraceScope(TraceContext trace);
    TraceScope(const TraceScope&) = delete;
    TraceScope& operator=(const TraceScope&) = delete;
    ~TraceScope();

    /// Of the innermost scope of this thread; empty: there is none.
    [[nodiscard]] static TraceContext current();

  private:
    TraceContext before_;
};

/// A span of a tracing library, begun in this thread; it ends when destroyed, there too.
class TraceSpan {
  public:
    TraceSpan() = default;
    TraceSpan(const TraceSpan&) = delete;
    TraceSpan& operator=(const TraceSpan&) = delete;
    virtual ~TraceSpan() = default;

    /// What it was begun for failed, before it ends.
    virtual void failed(std::string_view why) { (void)why; }
};

/// For ClientOptions::start_handle, without a tracing library: what a handler calls and writes goes
/// on with the trace of the event's writer, as a step of it (of a batch, of the first event that
/// has one). OpenTelemetry links to the writers instead, because such a trace lasts as long as the
/// events travel.
[[nodiscard]] std::unique_ptr<TraceSpan> continue_trace(
    std::string_view consumer, std::span<const Event> events
);

}  // namespace annals
