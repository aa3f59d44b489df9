// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

// Part of event_store_contract.hpp: snapshots of a stream.

#include <string>

#include "event_store_fixture.hpp"

namespace annals::conformance {

class SnapshotContract : public EventStoreContract {
  protected:
    static api::SnapshotKey key_of(const std::string& stream, std::uint32_t reducer_version = 1) {
        return {stream, "totals", 1, reducer_version};
    }
    Status store_of(const api::SnapshotKey& key, std::uint64_t revision, std::string data) {
        return store().store_snapshot(
            {}, {key, Revision(revision), "text/plain", std::move(data), {}}
        );
    }
    void must_store(const api::SnapshotKey& key, std::uint64_t revision, std::string data) {
        const Status stored = store_of(key, revision, std::move(data));
        EXPECT_TRUE(stored) << (stored ? "" : stored.error().to_string());
    }
    /// "revision data", or nothing.
    std::string loaded(const api::SnapshotKey& key, std::optional<Revision> max = {}) {
        const auto found = must(store().load_snapshot({}, {key, max}));
        if (!found) return "";
        EXPECT_EQ(found->key, key);
        return std::to_string(found->revision.value) + " " + found->data;
    }
    void accept_events(const std::string& stream, int events) {
        for (int i = 0; i < events; ++i) accept(stream, {event_of()});
    }
};

}  // namespace annals::conformance
