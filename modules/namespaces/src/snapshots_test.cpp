// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// Snapshots of the seam over the whole store, against a plain model.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "annals/namespaces/testing/memory_store.hpp"

namespace annals::namespaces {
namespace {

constexpr std::uint64_t kEvents = 12;

struct Kept {
    std::string reducer;
    std::uint64_t revision;
    std::string data;
};

api::SnapshotKey key_of(const std::string& reducer) { return {"order-1", reducer, 1, 1}; }

int below(int n) { return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, n)); }

RC_GTEST_PROP(Snapshots, LoadIsTheHighestThatFitsInWhateverOrderTheyWereStored, ()) {
    testing::MemoryStore memory;
    api::EventStore& store = memory.store();
    model::AppendRequest request;
    request.stream = "order-1";
    for (std::uint64_t i = 0; i < kEvents; ++i) {
        model::NewEvent event;
        event.type = "happened";
        request.events.push_back(event);
    }
    RC_ASSERT(store.append_and_wait({}, request));

    std::vector<Kept> model;
    const bool is_mostly_rising = below(2) == 0;
    std::uint64_t rising = 0;
    for (int i = below(40); i > 0; --i) {
        const std::string reducer = below(3) == 0 ? "other" : "totals";
        std::uint64_t revision = static_cast<std::uint64_t>(below(kEvents));
        if (is_mostly_rising && below(8) > 0) revision = rising = std::min(rising + 1, kEvents - 1);
        if (below(12) == 0) {
            RC_ASSERT(store.delete_snapshots({}, {"order-1", reducer, Revision(revision)}));
            std::erase_if(model, [&](const Kept& kept) {
                return kept.reducer == reducer && kept.revision == revision;
            });
            continue;
        }
        const std::string data = std::to_string(i);
        RC_ASSERT(store.store_snapshot(
            {}, {key_of(reducer), Revision(revision), "application/json", data, {}}
        ));
        model.push_back({reducer, revision, data});
    }
    for (std::uint64_t max = 0; max <= kEvents; ++max) {
        for (const std::string reducer : {"totals", "other"}) {
            const Kept* best = nullptr;
            for (const Kept& kept : model) {
                const bool fits = kept.reducer == reducer && kept.revision <= max;
                if (fits && (best == nullptr || best->revision <= kept.revision)) best = &kept;
            }
            api::LoadSnapshotRequest load{key_of(reducer), Revision(max)};
            if (max == kEvents) load.max_revision.reset();
            const auto loaded = store.load_snapshot({}, load);
            RC_ASSERT(loaded);
            RC_ASSERT(loaded->has_value() == (best != nullptr));
            if (best == nullptr) continue;
            RC_ASSERT((*loaded)->revision == Revision(best->revision));
            RC_ASSERT((*loaded)->data == best->data);
        }
    }
}

}  // namespace
}  // namespace annals::namespaces
