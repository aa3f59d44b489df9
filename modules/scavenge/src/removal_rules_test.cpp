// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/scavenge/removal_rules.hpp"

#include <functional>
#include <utility>

#include <gtest/gtest.h>

#include "scavenge_test_support.hpp"

namespace annals::scavenge {
namespace {

using Positions = std::vector<std::uint64_t>;

/// Reads are as before, after the scavenge and after the index was built again from what is left.
void expect_reads_stay(TestStore& store, const std::vector<std::string>& streams) {
    std::vector<std::string> before;
    for (const std::string& stream : streams) {
        before.push_back(store.read(stream));
        before.push_back(store.read(stream, true));
    }
    const auto check = [&](const char* when) {
        for (std::size_t i = 0; i < streams.size(); ++i) {
            EXPECT_EQ(store.read(streams[i]), before[2 * i]) << when << " " << streams[i];
            EXPECT_EQ(store.read(streams[i], true), before[2 * i + 1]) << when;
        }
    };
    store.scavenge();
    check("scavenged");
    store.reopen();
    check("opened again");
}

TEST(StreamRemovalRules, WithoutRetentionNothingGoesAlsoWhenTheClockIsYearsAhead) {
    TestStore store;
    store.add_many("order-1", 50);
    store.add_many("plain", 50);
    store.clock.pass(60 * kYearNs);
    expect_reads_stay(store, {"order-1", "plain"});
    EXPECT_EQ(store.removed(), Positions{});
    store.clock.turn(60 * kYearNs);
    store.reopen();
    EXPECT_EQ(store.scavenge().removed_events, 0u);
    EXPECT_EQ(store.removed(), Positions{});
}

TEST(StreamRemovalRules, WhatIsOutOfTheCountGoes) {
    TestStore store;
    store.add_many("a", 5);
    store.add_many("b", 5);
    store.set("a", {.max_count = 2});
    expect_reads_stay(store, {"a", "b"});
    EXPECT_EQ(store.removed(), (Positions{1, 2, 3}));
}

TEST(StreamRemovalRules, WhatIsTooOldGoesByTheClockThatIsInjected) {
    TestStore store;
    store.add_many("a", 3);
    store.clock.pass(100 * kSecondNs);
    store.add_many("a", 2);
    store.set("a", {.max_age_s = 60});
    expect_reads_stay(store, {"a"});
    EXPECT_EQ(store.removed(), (Positions{1, 2, 3}));
    store.clock.pass(100 * kSecondNs);
    store.scavenge(Ages::kHeld);
    EXPECT_EQ(store.removed(), (Positions{1, 2, 3})) << "the clock is in doubt";
    store.scavenge();
    EXPECT_EQ(store.removed(), (Positions{1, 2, 3, 4, 5}));
}

TEST(StreamRemovalRules, WhatIsTruncatedGoesAndDoesNotComeBack) {
    TestStore store;
    store.add_many("a", 6);
    store.set("a", {.truncate_before = Revision(4)});
    expect_reads_stay(store, {"a"});
    EXPECT_EQ(store.removed(), (Positions{1, 2, 3, 4}));
    store.set("a", {});
    EXPECT_EQ(store.read("a"), "4:{\"n\":4} 5:{\"n\":5} ");
    EXPECT_EQ(store.read("a", true), "5:{\"n\":5} 4:{\"n\":4} ");
}

TEST(StreamRemovalRules, EverythingOfADeletedStreamGoesAndItsNextLifeStays) {
    TestStore store;
    store.add_many("a", 3);
    store.remove("a");
    store.add_many("b", 2);
    store.remove("b");
    store.add_many("b", 2);
    expect_reads_stay(store, {"a", "b"});
    EXPECT_EQ(store.removed(), (Positions{1, 2, 3, 5, 6}));
    // What was softly deleted stays hidden, whatever is said later (docs/adr/0007).
    store.set("a", {});
    EXPECT_EQ(store.read("a"), "");
    EXPECT_EQ(store.read("b"), "2:{\"n\":0} 3:{\"n\":1} ");
}

TEST(StreamRemovalRules, ATombstonedStreamGoesWhollyAndStaysEnded) {
    TestStore store;
    store.add_many("a", 3);
    store.set("a", {.max_count = 9});
    store.tombstone("a");
    expect_reads_stay(store, {"a"});
    EXPECT_EQ(store.removed(), (Positions{1, 2, 3, 4}));
    EXPECT_EQ(store.read("a"), "stream_deleted");
    EXPECT_FALSE(append_to(*store.orderer, append_of({.stream = "a"})));
}

TEST(StreamRemovalRules, SupersededMetadataGoAndTheLastOnesHold) {
    TestStore store;
    store.add_many("a", 4);
    for (const std::uint64_t count : {1u, 2u, 3u}) store.set("a", {.max_count = count});
    expect_reads_stay(store, {"a", "$$a"});
    EXPECT_EQ(store.removed(), (Positions{1, 5, 6}));
    EXPECT_EQ(store.reader->get_metadata({"a", ""})->metadata.max_count, 3u);
}

TEST(StreamRemovalRules, ACategorysMetadataHoldForItsStreams) {
    TestStore store;
    store.add_many("order-1", 4);
    store.add_many("order-2", 4);
    store.add_many("bill-1", 4);
    store.set_for_category("order", {.max_count = 1});
    store.set("order-2", {.max_count = 3});
    expect_reads_stay(store, {"order-1", "order-2", "bill-1"});
    EXPECT_EQ(store.removed(), (Positions{1, 2, 3, 5}));
}

TEST(StreamRemovalRules, MoreStreamsThanAreKeptInMemoryChangeNothing) {
    TestStore store;
    for (int i = 0; i < 300; ++i) store.add_many("order-" + std::to_string(i), 3);
    store.set_for_category("order", {.max_count = 2});
    EXPECT_EQ(store.scavenge().removed_events, 300u);
}

TEST(StreamRemovalRules, ReadsOverEverythingPassOverWhatWasRemoved) {
    TestStore store;
    store.add_many("a", 4);
    store.add_many("b", 2);
    store.set("a", {.max_count = 1});
    const auto positions = [&](const model::Filter& filter) {
        api::ReadRequest request;
        request.filter = filter;
        const auto page = store.reader->read({}, request);
        EXPECT_TRUE(page) << page.error().to_string();
        const auto events = page->events.decode();
        Positions found;
        for (const model::RecordedEvent& event : *events) found.push_back(event.position.value);
        return found;
    };
    model::Filter of_type;
    of_type.types = {"happened"};
    EXPECT_EQ(positions({}), (Positions{1, 2, 3, 4, 5, 6}));
    store.scavenge();
    EXPECT_EQ(positions({}), (Positions{4, 5, 6}));
    EXPECT_EQ(positions(of_type), (Positions{4, 5, 6}));
}

TEST(StreamRemovalRules, ARemovedEventIsNamedAsSuch) {
    TestStore store;
    const Uuid id = commit::testing::id_of(7);
    store.add({.stream = "a", .id = id});
    store.add({.stream = "a"});
    store.set("a", {.max_count = 1});
    ASSERT_TRUE(store.reader->get_event(id));
    store.scavenge();
    const auto gone = store.reader->get_event(id);
    ASSERT_FALSE(gone);
    EXPECT_EQ(gone.error().code(), ErrorCode::kEventNotFound);
    EXPECT_NE(gone.error().message().find("was removed"), std::string_view::npos);
}

// ---- latest-value streams ----

void put(TestStore& store, const std::string& key, const std::string& data) {
    store.add({.stream = "prices", .data = data, .tags = {"sku:" + key, "other:x"}});
}

TEST(LatestValue, TheLastEventOfEachKeyStays) {
    TestStore store;
    for (int i = 0; i < 3; ++i) {
        put(store, "a", "a" + std::to_string(i));
        put(store, "b", "b" + std::to_string(i));
    }
    store.add({.stream = "prices", .data = "without"});
    put(store, "a", "a3");
    store.set("prices", {.compact_by = "sku"});
    EXPECT_EQ(store.read("prices"), "0:a0 1:b0 2:a1 3:b1 4:a2 5:b2 6:without 7:a3 ");
    store.scavenge();
    EXPECT_EQ(store.removed(), (Positions{1, 2, 3, 4, 5}));
    EXPECT_EQ(store.read("prices"), "5:b2 6:without 7:a3 ");
    EXPECT_EQ(store.read("prices", true), "7:a3 6:without 5:b2 ");
    store.reopen();
    EXPECT_EQ(store.read("prices"), "5:b2 6:without 7:a3 ");
}

TEST(LatestValue, AnEventWithSeveralKeysStaysUntilAllAreReplaced) {
    TestStore store;
    store.add({.stream = "s", .data = "both", .tags = {"k:1", "k:2"}});
    store.add({.stream = "s", .data = "one", .tags = {"k:1"}});
    store.set("s", {.compact_by = "k"});
    store.scavenge();
    EXPECT_EQ(store.read("s"), "0:both 1:one ");
    store.add({.stream = "s", .data = "two", .tags = {"k:2"}});
    store.scavenge();
    EXPECT_EQ(store.read("s"), "1:one 2:two ");
}

TEST(LatestValue, AnotherKeyOrAnotherStreamReplacesNothing) {
    TestStore store;
    store.add({.stream = "s", .data = "x", .tags = {"k:1", "kk:1"}});
    store.add({.stream = "t", .data = "y", .tags = {"k:1"}});
    store.add({.stream = "s", .data = "z", .tags = {"kk:1", "k:12"}});
    store.set("s", {.compact_by = "k"});
    EXPECT_EQ(store.scavenge().removed_events, 0u);
}

TEST(LatestValue, ACategoryIsCompactedStreamByStream) {
    TestStore store;
    for (const std::string stream : {"price-1", "price-2"}) {
        store.add({.stream = stream, .data = "old", .tags = {"k:1"}});
        store.add({.stream = stream, .data = "new", .tags = {"k:1"}});
    }
    store.set_for_category("price", {.compact_by = "k"});
    store.scavenge();
    EXPECT_EQ(store.read("price-1"), "1:new ");
    EXPECT_EQ(store.read("price-2"), "1:new ");
}

TEST(LatestValue, ARemovedKeyTrulyDisappearsAfterADay) {
    TestStore store;
    put(store, "a", "a0");
    put(store, "b", "b0");
    put(store, "a", "");
    store.set("prices", {.compact_by = "sku"});
    store.scavenge();
    EXPECT_EQ(store.read("prices"), "1:b0 2: ") << "readers hear of the removal for a day";
    store.clock.pass(StreamRemovalRules::kRemovalShownNs + kSecondNs);
    store.scavenge(Ages::kHeld);
    EXPECT_EQ(store.read("prices"), "1:b0 2: ");
    store.scavenge();
    EXPECT_EQ(store.read("prices"), "1:b0 ");
    EXPECT_EQ(store.removed(), (Positions{1, 3}));
}

TEST(LatestValue, ARemovalStaysAsLongAsWhatItRemovedIsThere) {
    TestStore store;
    put(store, "a", "a0");
    put(store, "a", "");
    store.clock.pass(StreamRemovalRules::kRemovalShownNs + kSecondNs);
    store.set("prices", {.compact_by = "sku"});
    store.scavenge();
    EXPECT_EQ(store.removed(), (Positions{1}));
    store.scavenge();
    EXPECT_EQ(store.removed(), (Positions{1, 2}));
    EXPECT_EQ(store.read("prices"), "");
}

// ---- the system log ----

TEST(SystemRemovalRules, TheLastEventOfAConsumerIsAllThatStaysOfIt) {
    TestStore store;
    TestStore system("system");
    const auto save = [&](const std::string& consumer, int at) {
        system.add({.stream = "$consumer-" + consumer, .data = std::to_string(at)});
    };
    for (int at = 0; at < 4; ++at) {
        save("mailer", at);
        save("biller", at);
    }
    system.add({.stream = "$consumer-once", .data = "0"});
    system.add({.stream = "$other-1", .data = "0"});
    system.add({.stream = "$other-1", .data = "1"});
    const auto scavenge = [&] {
        SystemRemovalRules rules(*system.orderer, *store.orderer, Ages::kCount);
        ScavengeTotals totals;
        ASSERT_TRUE(scavenge_log(*system.orderer, rules, {}, totals));
    };
    scavenge();
    EXPECT_EQ(system.removed(), (Positions{1, 2, 3, 4, 5, 6}));
    save("mailer", 4);
    EXPECT_EQ(system.read("$consumer-mailer", true), "4:4 3:3 ");
    scavenge();
    system.reopen();
    EXPECT_EQ(system.read("$consumer-mailer", true), "4:4 ");
    EXPECT_EQ(system.read("$consumer-biller", true), "3:3 ");
    EXPECT_EQ(system.read("$consumer-once"), "0:0 ");
    EXPECT_EQ(system.read("$other-1"), "0:0 1:1 ");
}

TEST(SystemRemovalRules, OfAConsumerStaysWhatSomebodyDid) {
    TestStore store;
    TestStore system("system");
    for (const char* type :
         {"$progress-claimed",
          "$progress-saved",
          "$progress-rewound",
          "$progress-saved",
          "$consumer-deleted",
          "$progress-claimed",
          "$progress-saved"}) {
        system.add({.stream = "$consumer-mailer", .type = type, .data = "0"});
    }
    SystemRemovalRules rules(*system.orderer, *store.orderer, Ages::kCount);
    ScavengeTotals totals;
    ASSERT_TRUE(scavenge_log(*system.orderer, rules, {}, totals));
    EXPECT_EQ(system.removed(), (Positions{1, 2, 4, 6}));
}

TEST(SystemRemovalRules, OfAGroupTheLastCheckpointStaysAndAllThatSaysWhoDidWhat) {
    TestStore store;
    TestStore system("system");
    for (int at = 0; at < 3; ++at) {
        const std::string data = std::to_string(at);
        system.add({.stream = "$group-orders", .data = data});
        system.add({.stream = "$group.parked-orders", .data = data});
        system.add({.stream = "$group.checkpoint-orders", .data = data});
    }
    SystemRemovalRules rules(*system.orderer, *store.orderer, Ages::kCount);
    ScavengeTotals totals;
    ASSERT_TRUE(scavenge_log(*system.orderer, rules, {}, totals));
    EXPECT_EQ(system.removed(), (Positions{3, 6}));
    EXPECT_EQ(system.read("$group.checkpoint-orders"), "2:2 ");
    EXPECT_EQ(system.read("$group.parked-orders"), "0:0 1:1 2:2 ");
}

TEST(SystemRemovalRules, ReplacedDeletedAndOrphanedSnapshotsGo) {
    TestStore store;
    TestStore system("system");
    store.add_many("a", 5);
    streams::Snapshots snapshots({*store.orderer, *store.reader, *system.orderer});
    const auto keep = [&](const std::string& stream, const char* reducer, std::uint64_t revision) {
        api::Snapshot snapshot;
        snapshot.key = {stream, reducer, 1, 1};
        snapshot.revision = Revision(revision);
        snapshot.content_type = "application/json";
        snapshot.data = "{\"at\":" + std::to_string(revision) + "}";
        ASSERT_TRUE(snapshots.store({}, snapshot));
    };
    keep("a", "total", 1);  // 1: replaced by 3
    keep("a", "total", 2);  // 2
    keep("a", "total", 1);  // 3
    keep("a", "gone", 1);   // 4: deleted by 5
    ASSERT_EQ(*snapshots.remove({}, {"a", "gone", {}}), 1u);
    store.add_many("b", 2);
    keep("b", "total", 1);  // 6: the stream is deleted
    store.remove("b");
    store.add_many("b", 1);
    keep("b", "total", 2);  // 7
    store.add_many("c", 1);
    keep("c", "total", 0);  // 8: tombstoned
    store.tombstone("c");
    const auto before = snapshots.list({"a", "", {}});
    ASSERT_TRUE(before);

    const auto scavenge = [&] {
        SystemRemovalRules rules(*system.orderer, *store.orderer, Ages::kCount);
        ScavengeTotals totals;
        ASSERT_TRUE(scavenge_log(*system.orderer, rules, {}, totals));
    };
    scavenge();
    EXPECT_EQ(system.removed(), (Positions{1, 4, 6, 8}));
    const auto after = snapshots.list({"a", "", {}});
    ASSERT_TRUE(after);
    ASSERT_EQ(after->size(), before->size());
    EXPECT_EQ(after->size(), 2u);
    EXPECT_EQ((*snapshots.load({{"a", "total", 1, 1}, {}}))->data, "{\"at\":2}");
    EXPECT_EQ((*snapshots.load({{"b", "total", 1, 1}, {}}))->data, "{\"at\":2}");
    scavenge();
    EXPECT_EQ(system.removed(), (Positions{1, 4, 6, 8}));
}

/// For tests that do something in between.
class ForwardedRules : public RemovalRules {
  public:
    explicit ForwardedRules(RemovalRules& inner) : inner_(inner) {}
    void begin_segment() override { inner_.begin_segment(); }
    Result<bool> is_removable(const log::StoredEvent& event) override {
        return inner_.is_removable(event);
    }
    Result<bool> still_holds() override { return inner_.still_holds(); }
    void look_again() override { inner_.look_again(); }
    [[nodiscard]] Position point() const override { return inner_.point(); }

  private:
    RemovalRules& inner_;
};

/// Says something of streams in the middle of a scavenge: after all was decided, before the change.
class LoosenedMeanwhile : public ::testing::Test {
  protected:
    enum class When : std::uint8_t { kWhileDeciding, kBeforeChange };

    // NOLINTNEXTLINE(readability-make-member-function-const): the log changes
    ScavengeTotals scavenge_and(When when, const std::function<void()>& say) {
        StreamRemovalRules rules(*store_.orderer, Ages::kCount);
        SaysMeanwhile meanwhile(rules, when, say);
        ScavengeTotals totals;
        const auto done = scavenge_log(*store_.orderer, meanwhile, {}, totals);
        EXPECT_TRUE(done) << (done ? "" : done.error().to_string());
        return totals;
    }
    void expect_shown_after(const std::function<void()>& say, const std::string& shown) {
        for (const When when : {When::kWhileDeciding, When::kBeforeChange}) {
            store_.close();
            store_.files = log::make_memory_file_system();
            store_.open();
            store_.add_many("a-1", 5);
            store_.add_many("b-1", 3);
            store_.set("a-1", {.max_count = 2});
            store_.set("b-1", {.max_count = 1});
            scavenge_and(when, say);
            EXPECT_EQ(store_.read("a-1"), shown);
            EXPECT_EQ(store_.read("b-1"), "2:{\"n\":2} ") << "which nobody said anything of";
        }
    }

    TestStore store_;

  private:
    class SaysMeanwhile final : public ForwardedRules {
      public:
        SaysMeanwhile(RemovalRules& inner, When when, std::function<void()> say)
            : ForwardedRules(inner), when_(when), say_(std::move(say)) {}
        Result<bool> is_removable(const log::StoredEvent& event) override {
            auto answer = ForwardedRules::is_removable(event);
            if (when_ == When::kWhileDeciding) say_once();
            return answer;
        }
        Result<bool> still_holds() override {
            if (when_ == When::kBeforeChange) say_once();
            return ForwardedRules::still_holds();
        }

      private:
        void say_once() {
            if (say_) std::exchange(say_, nullptr)();
        }
        const When when_;
        std::function<void()> say_;
    };
};

constexpr const char* kAllFive = "0:{\"n\":0} 1:{\"n\":1} 2:{\"n\":2} 3:{\"n\":3} 4:{\"n\":4} ";
constexpr const char* kLastTwo = "3:{\"n\":3} 4:{\"n\":4} ";

TEST_F(LoosenedMeanwhile, WhatIsShownAgainStays) {
    expect_shown_after([this] { store_.set("a-1", {}); }, kAllFive);
    expect_shown_after([this] { store_.set("a-1", {.max_count = 5}); }, kAllFive);
}

TEST_F(LoosenedMeanwhile, WhatStaysHiddenGoes) {
    expect_shown_after([this] { store_.set("a-1", {.truncate_before = Revision(3)}); }, kLastTwo);
    EXPECT_EQ(store_.removed(), (Positions{1, 2, 3, 6, 7}));
    expect_shown_after([this] { store_.set("unconcerned-1", {}); }, kLastTwo);
    EXPECT_EQ(store_.removed(), (Positions{1, 2, 3, 6, 7}));
    expect_shown_after([this] { store_.remove("a-1"); }, "stream_not_found");
    EXPECT_EQ(store_.removed(), (Positions{1, 2, 3, 6, 7}));
}

TEST_F(LoosenedMeanwhile, ACategorysDefaultsToo) {
    store_.set_for_category("a", {.max_count = 2});
    store_.add_many("a-1", 5);
    scavenge_and(When::kBeforeChange, [&] { store_.set_for_category("a", {.max_count = 5}); });
    EXPECT_EQ(store_.read("a-1"), kAllFive);
}

TEST_F(LoosenedMeanwhile, AStreamThatIsNotCompactedAnyMoreKeepsItsValues) {
    for (const bool stays_compacted : {false, true}) {
        store_.close();
        store_.files = log::make_memory_file_system();
        store_.open();
        store_.set("a-1", {.compact_by = "key"});
        for (int i = 0; i < 4; ++i)
            store_.add({.stream = "a-1", .data = "{}", .tags = {"key:one"}});
        scavenge_and(When::kBeforeChange, [&] {
            store_.set("a-1", {.max_count = 99, .compact_by = stays_compacted ? "key" : ""});
        });
        EXPECT_EQ(store_.read("a-1"), stays_compacted ? "3:{} " : "0:{} 1:{} 2:{} 3:{} ");
    }
}

/// An orderer that lets somebody be first, at the last moment before its decisions rest.
TEST_F(LoosenedMeanwhile, BetweenTheFirstLookAndTheChangeToo) {
    store_.add_many("a-1", 5);
    store_.set("a-1", {.max_count = 2});
    class LateLoosening final : public ForwardedRules {
      public:
        LateLoosening(RemovalRules& inner, TestStore& store)
            : ForwardedRules(inner), store_(store) {}
        Result<bool> still_holds() override {
            auto holds = ForwardedRules::still_holds();
            // After the look that is taken in the open; the next one is the last.
            if (std::exchange(is_first_, false)) store_.set("a-1", {});
            return holds;
        }

      private:
        TestStore& store_;
        bool is_first_ = true;
    };
    StreamRemovalRules rules(*store_.orderer, Ages::kCount);
    LateLoosening late(rules, store_);
    ScavengeTotals totals;
    ASSERT_TRUE(scavenge_log(*store_.orderer, late, {}, totals));
    EXPECT_EQ(store_.read("a-1"), kAllFive);
}

TEST_F(LoosenedMeanwhile, WhoLoosensForEverEndsTheRunAndLosesNothing) {
    store_.add_many("a-1", 5);
    store_.set("a-1", {.max_count = 1});
    StreamRemovalRules rules(*store_.orderer, Ages::kCount);
    class Loosening final : public ForwardedRules {
      public:
        Loosening(RemovalRules& inner, TestStore& store) : ForwardedRules(inner), store_(store) {}
        Result<bool> still_holds() override {
            store_.set("a-1", {});
            return ForwardedRules::still_holds();
        }
        void look_again() override {
            store_.set("a-1", {.max_count = 1});
            ForwardedRules::look_again();
        }

      private:
        TestStore& store_;
    } loosening(rules, store_);
    ScavengeTotals totals;
    const auto done = scavenge_log(*store_.orderer, loosening, {}, totals);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code(), ErrorCode::kConflict);
    store_.set("a-1", {});
    EXPECT_EQ(store_.read("a-1"), kAllFive);
}

}  // namespace
}  // namespace annals::scavenge
