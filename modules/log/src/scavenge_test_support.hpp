// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

// What the tests of scavenging share.
#include <functional>

#include "log_test_support.hpp"

namespace annals::log {

/// Data of an event of their logs.
inline constexpr std::size_t kScavengedBytes = 700;

using RemovedPositions = std::function<bool(std::uint64_t)>;

/// Asks for these positions to be removed; `asked` counts how often it was asked.
inline ScavengeRequest removing(RemovedPositions is_removed, std::size_t* asked = nullptr) {
    ScavengeRequest request;
    request.now = TimeNs(5'000'000);
    request.is_removable = [is_removed = std::move(is_removed),
                            asked](const StoredEvent& event) -> Result<bool> {
        if (asked != nullptr) ++*asked;
        return is_removed(event.position.value);
    };
    return request;
}

/// All sealed segments, in order; the sum.
inline Result<ScavengeResult> scavenge_all(SegmentLog& log, const ScavengeRequest& request) {
    ScavengeResult sum;
    for (const SealedSegment& segment : log.sealed_segments()) {
        ANNALS_TRY(const ScavengeResult one, log.scavenge(segment.first, request));
        sum.removed_events += one.removed_events;
        sum.folded_events += one.folded_events;
        sum.bytes_before += one.bytes_before;
        sum.bytes_after += one.bytes_after;
        sum.is_stopped = sum.is_stopped || one.is_stopped;
    }
    return sum;
}

/// Events that were removed have stream, id, revision, time and fingerprint alone; all others are
/// what TestLog wrote.
inline void check_scavenged(
    const TestLog& log, const RemovedPositions& is_removed, std::size_t data_bytes = 0
) {
    LogReader reader = log.log->reader();
    for (std::uint64_t p = 1; p <= log.log->durable_end().value; ++p) {
        const auto event = reader.at(Position(p));
        ASSERT_TRUE(event.has_value()) << p << ": " << event.error().to_string();
        ASSERT_EQ(event->is_removed, is_removed(p)) << p;
        if (!is_removed(p)) {
            ASSERT_NO_FATAL_FAILURE(TestLog::check_event(*event, p, data_bytes));
            continue;
        }
        ASSERT_EQ(event->position.value, p);
        ASSERT_EQ(event->revision.value, p - 1);
        ASSERT_TRUE(event->payload.empty());
        model::RecordedEvent kept;
        ASSERT_TRUE(model::decode_event_fields(event->envelope, kept).has_value());
        ASSERT_EQ(kept.stream, "order-7");
        ASSERT_EQ(kept.type, "placed");
        ASSERT_FALSE(kept.id.is_nil());
        model::NewEvent whole;
        const std::string data = data_of(p, data_bytes);
        whole.type = "placed";
        whole.data = data;
        ASSERT_EQ(event->fingerprint, model::fingerprint(whole));
    }
}

}  // namespace annals::log
