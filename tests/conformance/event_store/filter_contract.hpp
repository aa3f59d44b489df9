// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

// Filters on one stream, and recorded times as a filter of streams and of everything.

#include <string>
#include <vector>

#include "event_store_fixture.hpp"

namespace annals::conformance {

/// 40 events of a-1 (odd positions) and b-1; each fifth of a-1 is rare, half of those are tagged.
class FilterContract : public EventStoreContract {
  protected:
    static constexpr std::uint64_t kEvents = 40;

    void SetUp() override {
        for (std::uint64_t n = 1; n <= kEvents; ++n) {
            model::NewEvent event = event_of(n % 5 == 0 ? "rare" : "usual");
            if (n % 10 == 5) event.tags = {"of:five"};
            accept(n % 2 == 1 ? "a-1" : "b-1", {event});
        }
        const api::ReadPage all = read(read_of(""));
        const Status read_all = all.events.for_each([&](const model::RecordedEvent& event) {
            recorded_.push_back(event.recorded_time);
            return ok();
        });
        ASSERT_TRUE(read_all) << read_all.error().to_string();
        ASSERT_EQ(recorded_.size(), kEvents);
    }
    /// When the event at the position was recorded.
    [[nodiscard]] TimeNs time_of(std::uint64_t position) const { return recorded_[position - 1]; }
    /// Positions of a-1, or of everything, recorded within the times.
    [[nodiscard]] Numbers within(const std::string& stream, TimeNs since, TimeNs until) const {
        Numbers expected;
        for (std::uint64_t position = 1; position <= kEvents; ++position) {
            if (!stream.empty() && position % 2 == 0) continue;
            const TimeNs at = time_of(position);
            if (at >= since && (until.value == 0 || at < until)) expected.push_back(position);
        }
        return expected;
    }

    std::vector<TimeNs> recorded_;
};

}  // namespace annals::conformance
