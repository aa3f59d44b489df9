// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "annals/base/clock.hpp"
#include "annals/base/result.hpp"
#include "annals/commit/visible_end.hpp"
#include "annals/index/index.hpp"
#include "annals/log/segment_log.hpp"
#include "annals/model/append.hpp"
#include "annals/model/cut.hpp"

namespace annals::commit {

/// Answer to a submission: called exactly once, from the orderer's thread (or from submit() itself
/// for what can be refused at once); must be quick and must not block.
using SubmitDone = std::function<void(Result<model::AppendResult>)>;

/// Who submits, beside what.
struct SubmitContext {
    std::string_view principal;
    /// W3C trace context for events that bring none.
    std::string_view traceparent;
    std::string_view tracestate;
};

/// The port of one namespace's total order (architecture 1.2, 1.3): proposals in, ordered decisions
/// out. Whatever its body, accepted events lie in segment files and in an index, which readers use
/// directly.
///
/// Promises: decisions are those of the commit rules, in one order; positions are dense; every
/// answer (accepted, refused, replayed) waits until the highest position it was decided on is
/// durable and visible. In interval mode acceptances and refusals do not wait and say so
/// (AppendResult::is_durable, the error's field `is_durable`), replays do. Threads: everything from
/// any thread. submit() copies what it needs before it returns, never waits for the disk and has a
/// bounded queue: overloaded when it is full. Leaves to others: admission (names, limits,
/// permissions), namespaces, reading (`streams`).
class Orderer {
  public:
    Orderer() = default;
    Orderer(const Orderer&) = delete;
    Orderer& operator=(const Orderer&) = delete;
    virtual ~Orderer() = default;

    /// The request has passed admission (streams::Admission). Ids that are nil are given here
    /// (UUIDv7, or UUIDv5 from the idempotency key).
    virtual void submit(
        const SubmitContext& context, const model::AppendRequest& request, SubmitDone done
    ) = 0;

    [[nodiscard]] virtual const log::SegmentLog& log() const = 0;
    [[nodiscard]] virtual const index::Index& index() const = 0;
    /// Up to where events are durable and indexed: what readers may see.
    [[nodiscard]] virtual VisibleEnd& visible_end() = 0;
    /// The time as the log would record it: what ages are measured from (2.6: a clock that leaps is
    /// not followed).
    [[nodiscard]] virtual TimeNs now() const { return system_clock().now(); }
    /// Whether the wall clock left the monotonic one by over an hour and is not used (2.6).
    [[nodiscard]] virtual bool is_clock_distrusted() const { return false; }
    /// What the rules have forgotten (docs/adr/0018); an event in model::kCutStream logs another.
    [[nodiscard]] virtual model::Cut cut() const { return {}; }
    /// "every-append", "interval=100ms", "memory".
    [[nodiscard]] virtual std::string durability() const = 0;
    /// Empty while appends are taken; otherwise the reason (poisoned, damaged, read-only).
    [[nodiscard]] virtual std::string read_only_reason() const = 0;
    /// Removes what may go from a sealed segment (log::SegmentLog::scavenge); appends go on.
    /// not_supported: this body cannot.
    virtual Result<log::ScavengeResult> scavenge_segment(
        Position first, const log::ScavengeRequest& request
    ) {
        (void)first;
        (void)request;
        return Error(ErrorCode::kNotSupported, "this log cannot be scavenged");
    }
    /// Does `work` while nothing is decided: everything accepted before is visible, everything
    /// later comes after. The work must be short and must not submit. Waits; appends wait
    /// meanwhile. read_only: nothing is decided any more, and the work was not done.
    virtual Status between_decisions(const std::function<Status()>& work) {
        (void)work;
        return Error(ErrorCode::kNotSupported, "this log cannot be scavenged");
    }
    /// Ends the segment that is being written and waits until all full ones are sealed, so that
    /// everything visible now can be scavenged. Waits for the disk; appends go on.
    virtual Status seal_segments() {
        return Error(ErrorCode::kNotSupported, "this log cannot be scavenged");
    }
    /// Finishes what was submitted, refuses the rest with shutting_down, closes index and log in an
    /// orderly way.
    virtual Status close() = 0;
};

}  // namespace annals::commit
