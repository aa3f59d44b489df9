// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

// Part of event_store_contract.hpp: who meets removed events is told (log-and-rules 2.5,
// docs/adr/0018).

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "event_store_fixture.hpp"

namespace annals::conformance {

using Removed = std::vector<api::RemovedEvents>;

/// A log with three events of a-1 removed: positions 1, 2 and 4.
class RemovedContract : public EventStoreContract {
  protected:
    void SetUp() override {
        first_ = accept("a-1", {tagged("of:a")}).position;
        accept("a-1", {tagged("of:a")});
        accept("b-1", {event_of()});
        accept("a-1", {tagged("of:a")});
        accept("b-1", {event_of()});
        accept("a-1", {tagged("of:a")});
        must(store().truncate_stream({}, {"a-1", Revision(3), {}}));
        free_space();
    }

    static model::NewEvent tagged(std::string_view tag) {
        model::NewEvent event = event_of();
        event.tags = {tag};
        return event;
    }
    static api::RemovedEvents gone(std::uint64_t first, std::uint64_t last, std::uint64_t events) {
        api::RemovedEvents removed;
        removed.first_position = Position(first);
        removed.last_position = Position(last);
        removed.events = events;
        return removed;
    }
    static api::RemovedEvents gone_of_stream(
        std::uint64_t first, std::uint64_t last, std::uint64_t revision, std::uint64_t events
    ) {
        api::RemovedEvents removed = gone(first, last, events);
        removed.first_revision = Revision(revision);
        removed.last_revision = Revision(revision + events - 1);
        return removed;
    }
    /// Everything that the pages tell, to the end; times aside.
    Removed told(api::ReadRequest request) {
        Removed all;
        while (true) {
            const api::ReadPage page = read(request);
            all.insert(all.end(), page.removed.begin(), page.removed.end());
            if (page.is_end || HasFailure()) return timeless(std::move(all));
            request.start = api::AfterToken{page.next};
        }
    }
    /// What a subscription tells up to the end of history, each before the event that follows it.
    struct History {
        Removed removed;
        Numbers given;
    };
    History history(const api::SubscribeRequest& request) {
        History history;
        const auto subscription = subscribe(request);
        while (!HasFailure()) {
            const api::SubscriptionFrame frame = must(subscription->next(kForever));
            const Numbers given = positions_of(frame.events);
            history.given.insert(history.given.end(), given.begin(), given.end());
            history.removed.insert(
                history.removed.end(), frame.removed.begin(), frame.removed.end()
            );
            const auto position = must(model::parse_token(frame.position)).position;
            for (const api::RemovedEvents& one : frame.removed) {
                EXPECT_LE(one.last_position, position);
                if (!given.empty()) {
                    EXPECT_LT(one.last_position.value, given.back());
                }
            }
            if (frame.mark == api::SubscriptionMark::kCaughtUp) break;
        }
        history.removed = timeless(std::move(history.removed));
        return history;
    }
    static Removed timeless(Removed removed) {
        for (api::RemovedEvents& one : removed) one.removed_time = TimeNs();
        return removed;
    }

    std::string first_;  ///< token of position 1
};

}  // namespace annals::conformance
