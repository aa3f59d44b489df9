// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "removed_events.hpp"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

namespace annals::cli {
namespace {

api::RemovedEvents gone(std::uint64_t first, std::uint64_t last, std::uint64_t events) {
    api::RemovedEvents removed;
    removed.first_position = Position(first);
    removed.last_position = Position(last);
    removed.events = events;
    return removed;
}

TEST(RemovedEvents, AreToldInOneLine) {
    EXPECT_EQ(removed_text(gone(3, 9, 7)), "7 events are gone (positions 3 to 9)");
    EXPECT_EQ(removed_text(gone(4, 4, 1)), "1 event is gone (position 4)");
    api::RemovedEvents of_stream = gone(3, 9, 2);
    of_stream.first_revision = Revision(0);
    of_stream.last_revision = Revision(1);
    of_stream.removed_time = TimeNs(1'767'225'600'000'000'000);
    EXPECT_EQ(
        removed_text(of_stream),
        "2 events are gone (revisions 0 to 1, removed 2026-01-01T00:00:00Z)"
    );
    api::RemovedEvents uncertain = gone(1, 9, 0);
    uncertain.is_uncertain = true;
    EXPECT_EQ(
        removed_text(uncertain),
        "events were removed at positions 1 to 9: nobody knows whether some were asked for"
    );
}

TEST(RemovedEvents, StandBetweenEventsInBothDirections) {
    std::vector<api::RemovedEvents> removed{gone(1, 2, 2), gone(4, 4, 1), gone(6, 6, 1)};
    std::string seen;
    const auto note = [&](const api::RemovedEvents& one) {
        seen += std::to_string(one.first_position.value) + " ";
    };
    RemovedBetween forwards(removed, true);
    for (const std::uint64_t position : {3u, 5u}) {
        forwards.before(Position(position), note);
        seen += "| ";
    }
    forwards.rest(note);
    EXPECT_EQ(seen, "1 | 4 | 6 ");
    seen.clear();
    std::reverse(removed.begin(), removed.end());
    RemovedBetween backwards(removed, false);
    for (const std::uint64_t position : {5u, 3u}) {
        backwards.before(Position(position), note);
        seen += "| ";
    }
    backwards.rest(note);
    EXPECT_EQ(seen, "6 | 4 | 1 ");
}

}  // namespace
}  // namespace annals::cli
