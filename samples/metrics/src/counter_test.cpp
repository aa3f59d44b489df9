// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "counter.hpp"

#include <string>

#include <gtest/gtest.h>

namespace metrics {
namespace {

annals::Client store() { return annals::embedded::open("", {.is_memory = true}); }

CountStore kept(const annals::Client& client) {
    return CountStore(client, "kept", "counter", "default");
}

Count count_of(const annals::Client& client) {
    Count count;
    annals::Subscription log = client.subscribe();
    while (const auto batch = log.next()) {
        for (const annals::Event& event : batch->events) {
            count.totals.take(event);
            count.last = event.position.value;
        }
        count.position = batch->position;
        if (batch->is_live) break;
    }
    return count;
}

TEST(CountStore, KeepsTotalsWithTheirPlace) {
    const annals::Client client = store();
    CountStore first = kept(client);
    EXPECT_EQ(first.load().last, 0u);
    client.append("a-1", {{.type = "a.Made"}, {.type = "a.Used"}});
    const Count count = count_of(client);
    EXPECT_TRUE(first.save(count));
    const Count read = kept(client).load();
    EXPECT_EQ(read.totals, count.totals);
    EXPECT_EQ(read.position, count.position);
    EXPECT_EQ(read.last, 2u);
    EXPECT_EQ(count_of(client).last, 2u) << "saving wrote to the log that is counted";
}

TEST(CountStore, TakesWhicheverOfTwoInstancesCameFurther) {
    const annals::Client client = store();
    CountStore one = kept(client);
    CountStore other = kept(client);
    (void)one.load();
    (void)other.load();
    client.append("a-1", {{.type = "a.Made"}});
    const Count less = count_of(client);
    client.append("a-1", {{.type = "a.Made"}});
    const Count more = count_of(client);
    EXPECT_TRUE(one.save(more));
    EXPECT_TRUE(other.save(less));  // what is there is as good
    EXPECT_EQ(kept(client).load().last, 2u);
    client.append("a-1", {{.type = "a.Made"}});
    EXPECT_TRUE(other.save(count_of(client)));
    client.append("a-1", {{.type = "a.Made"}});
    EXPECT_FALSE(one.save(count_of(client)));  // was not the last to save: once more
    EXPECT_TRUE(one.save(count_of(client)));
    EXPECT_EQ(kept(client).load().last, 4u);
}

TEST(CountStore, ReplacesACountOfAnotherLog) {
    const annals::Client client = store();
    CountStore one = kept(client);
    CountStore other = kept(client);
    (void)one.load();
    (void)other.load();
    Count foreign;
    foreign.last = 1'000;
    EXPECT_TRUE(one.save(foreign));
    client.append("a-1", {{.type = "a.Made"}});
    other.forget_what_was_saved();
    EXPECT_FALSE(other.save(count_of(client)));
    EXPECT_TRUE(other.save(count_of(client)));
    EXPECT_EQ(kept(client).load().last, 1u);
}

TEST(Counter, SavesWhenItEndsAndGoesOnThere) {
    const annals::Client client = store();
    for (int round = 1; round <= 3; ++round) {
        client.append("a-1", {{.type = "a.Made"}, {.type = "a.Used"}});
        {
            // so long an interval that only the end saves
            const Counter counter(client, kept(client), std::chrono::hours(1));
            while (!counter.progress().is_live) std::this_thread::yield();
            EXPECT_EQ(counter.progress().count.totals.count(), 2u * static_cast<unsigned>(round));
        }
        const Count saved = kept(client).load();
        EXPECT_EQ(saved.totals.by_type().at("a.Made"), static_cast<unsigned>(round));
        EXPECT_EQ(saved.last, 2u * static_cast<unsigned>(round));
    }
}

TEST(Counter, CountsAnotherLogFromItsStart) {
    const annals::Client other = store();
    other.append("a-1", {{.type = "a.Made"}, {.type = "a.Made"}, {.type = "a.Made"}});
    const annals::Client client = store();
    client.append("b-1", {{.type = "b.Made"}});
    CountStore before = kept(client);
    (void)before.load();
    ASSERT_TRUE(before.save(count_of(other)));
    {
        const Counter counter(client, kept(client), std::chrono::hours(1));
        while (!counter.progress().is_live) std::this_thread::yield();
        EXPECT_EQ(counter.progress().restarts, 1u);
    }
    const Count saved = kept(client).load();
    EXPECT_EQ(saved.totals.count(), 1u);
    EXPECT_EQ(saved.totals.by_type().at("b.Made"), 1u);
}

TEST(Count, OfAnotherFormatIsCountedAnew) {
    nlohmann::json document = Count{{}, "p", 5}.to_json();
    EXPECT_EQ(Count::from_json(document).last, 5u);
    document["format"] = 2;
    EXPECT_EQ(Count::from_json(document).last, 0u);
    EXPECT_EQ(Count::from_json({{"format", 1}}).position, "");
}

}  // namespace
}  // namespace metrics
