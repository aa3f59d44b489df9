// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// What the contract (tests/conformance/orderer) does not see: the disk that fails, answers that
// wait for it, opening.
#include "annals/order_local/local_orderer.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "annals/commit/testing/test_append.hpp"
#include "annals/log/testing/faulty_file_system.hpp"

#include "gated_file_system.hpp"

namespace annals::order_local {
namespace {

using commit::testing::Answer;
using commit::testing::append_of;
using commit::testing::append_of_all;
using commit::testing::append_to;
using commit::testing::by_tag;
using commit::testing::code_of;
using commit::testing::expecting;
using commit::testing::failed_checks_of;
using commit::testing::id_of;
using commit::testing::keyed;
using commit::testing::submit;
using commit::testing::TestAppend;
using commit::testing::TestEvent;
using commit::testing::token_of;
using commit::testing::unless;
using log::testing::FaultyFileSystem;

OrdererOptions small_options() {
    OrdererOptions options;
    options.log.segment_bytes = 256u << 10u;
    options.log.fill_bytes_min = 16u << 10u;
    options.log.fill_bytes_max = 64u << 10u;
    options.index.is_in_memory = true;
    return options;
}

class LocalOrdererTest : public ::testing::Test {
  protected:
    Result<std::unique_ptr<commit::Orderer>> open(
        log::FileSystem& files, const OrdererOptions& options = small_options()
    ) {
        report_ = {};
        return open_local_orderer(files, "/log", options, memory_, report_);
    }
    static bool is_waiting(std::future<Answer>& answer) {
        return answer.wait_for(std::chrono::seconds(0)) != std::future_status::ready;
    }
    /// Opened again after whatever happened: every event that is there, once.
    static std::vector<Uuid> ids_in(const commit::Orderer& orderer) {
        std::vector<Uuid> ids;
        log::LogReader reader = orderer.log().reader();
        for (Position position(1); position <= orderer.log().durable_end(); ++position) {
            const auto stored = reader.at(position);
            EXPECT_TRUE(stored) << stored.error().to_string();
            model::RecordedEvent event;
            EXPECT_TRUE(model::decode_event_fields(stored->envelope, event));
            ids.push_back(event.id);
        }
        return ids;
    }

    index::IndexMemory memory_{64u << 20u};
    OpenReport report_;
};

// ---- 1.4: every answer waits until what it rests on is durable ----

TEST_F(LocalOrdererTest, NoAnswerComesBeforeTheGroupIsSynced) {
    GatedFileSystem files;
    auto opened = open(files);
    ASSERT_TRUE(opened);
    commit::Orderer& orderer = **opened;
    const TestAppend first = append_of({.stream = "a-1", .id = id_of(1), .tags = {"t:1"}});

    files.shut();
    std::future<Answer> accepted = submit(orderer, first);
    files.wait_for_waiting(1);
    // All of these rest on the event that is not durable yet.
    std::future<Answer> replay = submit(orderer, first);
    std::future<Answer> refused = submit(
        orderer,
        expecting(append_of({.stream = "a-1"}), "a-1", model::ExpectedRevision::no_stream())
    );
    std::future<Answer> by_query = submit(
        orderer, unless(append_of({.stream = "b-1"}), by_tag("t:1"), "")
    );
    for (auto* answer : {&accepted, &replay, &refused, &by_query}) EXPECT_TRUE(is_waiting(*answer));
    EXPECT_EQ(orderer.visible_end().get(), Position(0));
    EXPECT_EQ(orderer.index().position(), Position(0));

    files.open_gate();
    EXPECT_TRUE(accepted.get());
    const Answer replayed = replay.get();
    ASSERT_TRUE(replayed);
    EXPECT_TRUE(replayed->is_replay);
    EXPECT_EQ(code_of(refused.get()), ErrorCode::kConflict);
    EXPECT_EQ(code_of(by_query.get()), ErrorCode::kConflict);
}

TEST_F(LocalOrdererTest, RefusedAndReplayedAnswersWaitForTheGroupThatTheyRestOn) {
    GatedFileSystem files;
    auto opened = open(files);
    ASSERT_TRUE(opened);
    commit::Orderer& orderer = **opened;
    orderer.log().wait_for_background();
    files.shut();
    std::future<Answer> before = submit(orderer, append_of({.stream = "b-1"}));
    ASSERT_TRUE(files.is_waiting_in_time(1));
    // One group, decided together and synced together.
    const TestAppend first = append_of({.stream = "a-1", .id = id_of(1), .tags = {"t:1"}});
    std::future<Answer> accepted = submit(orderer, first);
    std::future<Answer> replay = submit(orderer, first);
    std::future<Answer> refused = submit(
        orderer,
        expecting(append_of({.stream = "a-1"}), "a-1", model::ExpectedRevision::no_stream())
    );
    std::future<Answer> by_query = submit(
        orderer, unless(append_of({.stream = "c-1"}), by_tag("t:1"), "")
    );
    files.let_one_pass();
    EXPECT_TRUE(before.get());
    ASSERT_TRUE(files.is_waiting_in_time(1)) << "the group's own sync";
    for (auto* answer : {&accepted, &replay, &refused, &by_query}) EXPECT_TRUE(is_waiting(*answer));
    EXPECT_EQ(orderer.index().position(), Position(1)) << "only durable positions enter the index";
    files.open_gate();
    EXPECT_TRUE(accepted.get());
    EXPECT_TRUE(replay.get()->is_replay);
    EXPECT_EQ(code_of(refused.get()), ErrorCode::kConflict);
    EXPECT_EQ(code_of(by_query.get()), ErrorCode::kConflict);
}

// ---- 1.2: an idle log writes a mark ----

TEST_F(LocalOrdererTest, AnIdleLogWritesAMark) {
    GatedFileSystem files;
    OrdererOptions options = small_options();
    options.idle_mark_after_ns = 1'000'000;
    auto opened = open(files, options);
    ASSERT_TRUE(opened);
    (*opened)->log().wait_for_background();
    files.shut();
    std::future<Answer> answer = submit(**opened, append_of({.stream = "a-1"}));
    files.wait_for_waiting(1);
    files.let_one_pass();
    ASSERT_TRUE(answer.get());
    // Nobody appends any more: the next sync is the mark's.
    EXPECT_TRUE(files.is_waiting_in_time(1));
    files.open_gate();
}

// ---- 1.5: ids from an idempotency key ----

TEST_F(LocalOrdererTest, IdsOfAKeyAreUuidV5OfPrincipalKeyAndOrdinal) {
    // What is stored never changes: made with another implementation of RFC 9562.
    const std::vector<Uuid> golden = {
        *Uuid::parse("9ae794e1-e52f-511f-a948-9a131c727119"),
        *Uuid::parse("aa436b17-d1ec-57e9-8d7d-2ae36088570a"),
        *Uuid::parse("3369b6c0-4058-57d9-8a31-fd9cd716d4a6"),
    };
    FaultyFileSystem files(11);
    auto opened = open(files);
    ASSERT_TRUE(opened);
    TestAppend two = keyed(append_of_all({{.stream = "a-1"}, {.stream = "b-1"}}), "order-42");
    ASSERT_TRUE(append_to(**opened, two));
    TestAppend other = keyed(append_of({.stream = "a-1"}), "order-42");
    other.principal = "t";
    ASSERT_TRUE(append_to(**opened, other));
    EXPECT_EQ(ids_in(**opened), golden);
}

// ---- 1.7: queues are bounded in bytes as well as in number ----

TEST_F(LocalOrdererTest, TheQueueIsBoundedInBytesAndSaysWhenItIsFull) {
    GatedFileSystem files;
    OrdererOptions options = small_options();
    options.queue_bytes_max = 100'000;
    auto opened = open(files, options);
    ASSERT_TRUE(opened);
    const auto of_size = [](std::size_t bytes) {
        return append_of({.stream = "a-1", .data = std::string(bytes, 'x')});
    };
    ASSERT_TRUE(append_to(**opened, of_size(150'000))) << "a large one alone is taken";
    // Its answer may be there a moment before its bytes are given back.
    Answer next = append_to(**opened, of_size(1'000));
    while (code_of(next) == ErrorCode::kOverloaded) {
        std::this_thread::yield();
        next = append_to(**opened, of_size(1'000));
    }
    ASSERT_TRUE(next);
    (*opened)->log().wait_for_background();
    files.shut();
    std::future<Answer> first = submit(**opened, of_size(60'000));
    std::future<Answer> full = submit(**opened, of_size(60'000));
    const bool is_taken = is_waiting(full);
    std::future<Answer> small = submit(**opened, of_size(1'000));
    EXPECT_TRUE(is_waiting(small)) << "what fits is taken";
    files.open_gate();
    EXPECT_FALSE(is_taken) << "refused at once";
    const Answer refused = full.get();
    ASSERT_EQ(code_of(refused), ErrorCode::kOverloaded);
    EXPECT_NE(refused.error().message().find("bytes"), std::string::npos);
    EXPECT_TRUE(first.get());
    EXPECT_TRUE(small.get());
}

TEST_F(LocalOrdererTest, WhatArrivesWhileTheDiskWorksIsOneGroup) {
    GatedFileSystem files;
    auto opened = open(files);
    ASSERT_TRUE(opened);
    files.shut();
    std::vector<std::future<Answer>> answers;
    answers.push_back(submit(**opened, append_of({.stream = "a-1"})));
    files.wait_for_waiting(1);
    for (int i = 0; i < 100; ++i) answers.push_back(submit(**opened, append_of({.stream = "a-1"})));
    files.open_gate();
    std::int64_t times = 0;
    TimeNs last;
    for (auto& answer : answers) {
        const Answer got = answer.get();
        ASSERT_TRUE(got);
        if (got->recorded_time != last) ++times;
        last = got->recorded_time;
    }
    EXPECT_EQ(times, 2) << "a group is decided at one time";
}

// ---- 1.3: a failed write or sync ----

TEST_F(LocalOrdererTest, AFailedSyncIsAnUnknownOutcomeAndThenReadOnly) {
    FaultyFileSystem files(1);
    auto opened = open(files);
    ASSERT_TRUE(opened);
    commit::Orderer& orderer = **opened;
    ASSERT_TRUE(append_to(orderer, append_of({.stream = "a-1", .id = id_of(1)})));
    EXPECT_EQ(orderer.read_only_reason(), "");

    files.fail_next_sync();
    const TestAppend unsure = append_of({.stream = "a-1", .id = id_of(2)});
    EXPECT_EQ(code_of(append_to(orderer, unsure)), ErrorCode::kOutcomeUnknown);
    EXPECT_EQ(code_of(append_to(orderer, unsure)), ErrorCode::kReadOnly);
    EXPECT_EQ(code_of(append_to(orderer, append_of({.stream = "b-1"}))), ErrorCode::kReadOnly);
    EXPECT_NE(orderer.read_only_reason(), "");

    // Reads go on from what is durable.
    EXPECT_EQ(orderer.visible_end().get(), Position(1));
    EXPECT_EQ(orderer.index().position(), Position(1));
    EXPECT_EQ(ids_in(orderer), std::vector<Uuid>{id_of(1)});

    // The same events again are stored once, whatever became of the first attempt.
    EXPECT_TRUE(orderer.close());
    opened->reset();
    files.clear_faults();
    auto reopened = open(files);
    ASSERT_TRUE(reopened) << reopened.error().to_string();
    EXPECT_TRUE(append_to(**reopened, unsure));
    EXPECT_EQ(ids_in(**reopened), (std::vector<Uuid>{id_of(1), id_of(2)}));
}

TEST_F(LocalOrdererTest, AFailedWriteIsAnUnknownOutcomeAndThenReadOnly) {
    FaultyFileSystem files(2);
    // Filled to the end at once, so that the failing write is the group's and not the filler's.
    OrdererOptions options = small_options();
    options.log.fill_bytes_min = options.log.segment_bytes;
    options.log.fill_bytes_max = options.log.segment_bytes;
    auto opened = open(files, options);
    ASSERT_TRUE(opened);
    ASSERT_TRUE(append_to(**opened, append_of({.stream = "a-1"})));
    (*opened)->log().wait_for_background();
    files.fail_writes(ErrorCode::kIoError);
    EXPECT_EQ(
        code_of(append_to(**opened, append_of({.stream = "a-1"}))), ErrorCode::kOutcomeUnknown
    );
    EXPECT_EQ(code_of(append_to(**opened, append_of({.stream = "a-1"}))), ErrorCode::kReadOnly);
}

TEST_F(LocalOrdererTest, AnswersThatRestOnTheLostGroupAreUnknownTooOthersAreNot) {
    FaultyFileSystem files(3);
    auto opened = open(files);
    ASSERT_TRUE(opened);
    commit::Orderer& orderer = **opened;
    // The writer stands in the first answer until all others are queued: they are one group.
    std::promise<void> go;
    const TestAppend first = append_of({.stream = "a-1"});
    first.as_request([&](const auto& context, const auto& request) {
        orderer.submit(context, request, [&go](const Answer&) { go.get_future().wait(); });
        return 0;
    });
    ASSERT_TRUE(
        orderer.visible_end().wait_for(Position(1), system_clock().monotonic_ns() + 60'000'000'000)
    );
    const auto no_stream = model::ExpectedRevision::no_stream();
    const TestAppend lost = append_of({.stream = "b-1", .id = id_of(2)});
    auto before = submit(orderer, expecting(append_of({.stream = "c-1"}), "a-1", no_stream));
    auto accepted = submit(orderer, lost);
    auto replay = submit(orderer, lost);
    auto after = submit(orderer, expecting(append_of({.stream = "c-1"}), "b-1", no_stream));
    files.fail_syncs();
    go.set_value();
    EXPECT_EQ(code_of(before.get()), ErrorCode::kConflict) << "rests on durable events alone";
    EXPECT_EQ(code_of(accepted.get()), ErrorCode::kOutcomeUnknown);
    EXPECT_EQ(code_of(replay.get()), ErrorCode::kOutcomeUnknown);
    EXPECT_EQ(code_of(after.get()), ErrorCode::kOutcomeUnknown);
    EXPECT_EQ(orderer.visible_end().get(), Position(1));
}

TEST_F(LocalOrdererTest, InIntervalModeAFailedSyncMakesTheLogReadOnly) {
    FaultyFileSystem files(4);
    OrdererOptions options = small_options();
    options.durability.interval_ns = 20'000'000;
    auto opened = open(files, options);
    ASSERT_TRUE(opened);
    files.fail_syncs();
    const TestAppend one = append_of({.stream = "a-1", .id = id_of(1)});
    ASSERT_TRUE(append_to(**opened, one));
    // A replay waits for the sync that fails.
    const Answer replay = append_to(**opened, one);
    ASSERT_FALSE(replay);
    EXPECT_TRUE(
        replay.error().code() == ErrorCode::kOutcomeUnknown ||
        replay.error().code() == ErrorCode::kReadOnly
    );
    EXPECT_EQ(code_of(append_to(**opened, one)), ErrorCode::kReadOnly);
    EXPECT_EQ((*opened)->visible_end().get(), Position(0));
    EXPECT_TRUE((*opened)->close());
}

// ---- 1.3: a full disk heals in place ----

TEST_F(LocalOrdererTest, AFullDiskRefusesAndHealsInPlace) {
    FaultyFileSystem files(5);
    auto opened = open(files);
    ASSERT_TRUE(opened);
    commit::Orderer& orderer = **opened;
    const std::string data(8'000, 'x');
    files.limit_bytes(files.bytes() + 100'000);
    std::uint64_t stored = 0;
    ErrorCode refused = ErrorCode::kInternal;
    for (std::uint64_t i = 0; i < 200; ++i) {
        const Answer answer = append_to(
            orderer, append_of({.stream = "a-1", .id = id_of(i), .data = data})
        );
        if (!answer) {
            refused = answer.error().code();
            break;
        }
        ++stored;
    }
    EXPECT_EQ(refused, ErrorCode::kDiskFull);
    EXPECT_EQ(orderer.visible_end().get(), Position(stored));
    EXPECT_EQ(orderer.read_only_reason(), "");
    EXPECT_EQ(
        code_of(append_to(orderer, append_of({.stream = "a-1", .data = data}))),
        ErrorCode::kDiskFull
    );

    files.limit_bytes(std::nullopt);
    const Answer healed = append_to(
        orderer,
        expecting(
            append_of({.stream = "a-1", .id = id_of(stored), .data = data}),
            "a-1",
            model::ExpectedRevision::exactly(Revision(stored - 1))
        )
    );
    ASSERT_TRUE(healed) << healed.error().to_string();
    EXPECT_EQ(healed->first_position, Position(stored + 1));
}

// ---- power loss ----

TEST_F(LocalOrdererTest, WhatWasAnsweredSurvivesAPowerLossOnce) {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        FaultyFileSystem files(seed);
        std::vector<Uuid> answered;
        std::vector<TestAppend> sent;
        for (std::uint64_t life = 0; life < 4; ++life) {
            auto opened = open(files);
            ASSERT_TRUE(opened) << opened.error().to_string();
            const std::vector<Uuid> ids = ids_in(**opened);
            ASSERT_GE(ids.size(), answered.size());
            for (const Uuid& id : answered) EXPECT_EQ(std::count(ids.begin(), ids.end(), id), 1);
            // Whatever was unknown is sent again and is there once.
            for (const TestAppend& again : sent) {
                const Answer answer = append_to(**opened, again);
                ASSERT_TRUE(answer) << answer.error().to_string();
            }
            sent.clear();
            files.stop_after_writes(3 + seed % 11);
            std::vector<std::future<Answer>> answers;
            for (std::uint64_t i = 0; i < 40; ++i) {
                sent.push_back(append_of_all({
                    {.stream = "a-1", .id = id_of(life * 1'000 + i * 2)},
                    {.stream = "b-1", .id = id_of(life * 1'000 + i * 2 + 1)},
                }));
                answers.push_back(submit(**opened, sent.back()));
            }
            for (std::size_t i = 0; i < answers.size(); ++i) {
                const Answer got = answers[i].get();
                if (!got) continue;
                for (const TestEvent& event : sent[i].events) answered.push_back(event.id);
            }
            files.stop();
            opened->reset();
            (seed + life) % 2 == 0 ? files.restart_after_power_loss() : files.restart_after_kill();
        }
    }
}

// ---- opening ----

TEST_F(LocalOrdererTest, OpeningFeedsTheIndexWhatItLacksAndSaysSo) {
    FaultyFileSystem files(6);
    {
        auto opened = open(files);
        ASSERT_TRUE(opened);
        EXPECT_EQ(report_.index_fed_events, 0u);
        for (int i = 0; i < 10; ++i) {
            ASSERT_TRUE(append_to(**opened, append_of({.stream = "a-1", .tags = {"t:1"}})));
        }
    }
    std::uint64_t done = 0;
    std::uint64_t total = 0;
    OpenReport report;
    auto opened = open_local_orderer(
        files,
        "/log",
        small_options(),
        memory_,
        report,
        [&](std::uint64_t d, std::uint64_t t) {
            done = d;
            total = t;
        }
    );
    ASSERT_TRUE(opened);
    EXPECT_EQ(report.index_fed_events, 10u);
    EXPECT_TRUE(report.recovery.was_clean);
    EXPECT_EQ(done, 10u);
    EXPECT_EQ(total, 10u);
    std::vector<Position> found;
    ASSERT_TRUE((*opened)->index().query_positions(
        by_tag("t:1"), Position(1), Position(10), index::Direction::kForwards, 100, found
    ));
    EXPECT_EQ(found.size(), 10u);
}

// ---- 2.2: logs of older rules ----

/// Appends as rules of version 1 let them in: whatever ids the stream held.
void write_without_rules(log::FileSystem& files, const std::vector<TestAppend>& appends) {
    log::RecoveryReport report;
    auto opened = log::SegmentLog::open(files, "/log/events", small_options().log, report);
    ASSERT_TRUE(opened) << opened.error().to_string();
    log::SegmentLog& log = **opened;
    log::EncodedAppend encoded;
    for (const TestAppend& append : appends) {
        std::vector<Uuid> ids;
        std::vector<log::Stamp> stamps;
        for (const TestEvent& event : append.events) {
            ids.push_back(event.id);
            const std::uint64_t before = log.last_position().value + stamps.size();
            stamps.push_back({Position(before + 1), Revision(before)});  // all in one stream
        }
        append.as_request([&](const auto&, const model::AppendRequest& request) {
            encoded.encode({}, request.events, ids);
            return 0;
        });
        ASSERT_TRUE(log.reserve(encoded.bytes(), ids.size()));
        log.add(encoded, stamps, TimeNs(1));
        ASSERT_TRUE(log.write());
        ASSERT_TRUE(log.sync());
    }
    ASSERT_TRUE(log.close());
}

TEST_F(LocalOrdererTest, ARetryIsFoundAmongAllEventsOfAnIdThatOldRulesLetInTwice) {
    FaultyFileSystem files(10);
    const auto one = [](const std::string& data) {
        return append_of({.stream = "a-1", .id = id_of(1), .data = data});
    };
    const std::vector<TestAppend> stored = {
        one("first"),
        one("second"),
        append_of_all(
            {{.stream = "a-1", .id = id_of(1), .data = "first"}, {.stream = "a-1", .id = id_of(2)}}
        ),
        one("first"),
    };
    write_without_rules(files, stored);
    auto opened = open(files);
    ASSERT_TRUE(opened) << opened.error().to_string();
    const auto expect_at = [&](const TestAppend& append, std::uint64_t first) {
        const Answer answer = append_to(**opened, append);
        ASSERT_TRUE(answer) << answer.error().to_string();
        EXPECT_TRUE(answer->is_replay);
        EXPECT_EQ(answer->first_position, Position(first));
    };
    expect_at(stored[0], 1);
    expect_at(stored[1], 2);
    expect_at(stored[2], 3);
    expect_at(stored[3], 1);  // the first of the equal ones
    EXPECT_EQ(code_of(append_to(**opened, one("third"))), ErrorCode::kIdConflict);
    EXPECT_EQ((*opened)->visible_end().get(), Position(5));
}

// ---- 2.1: what is too old or too much for memory ----

/// A thousand events of stream a-1 with ids of the client, and the tag batch:<number> at the first.
TestAppend batch(std::uint64_t number) {
    TestAppend append;
    for (std::uint64_t i = 0; i < 1'000; ++i) {
        append.events.push_back({.stream = "a-1", .id = id_of(number * 1'000 + i)});
    }
    append.events[0].tags.push_back("batch:" + std::to_string(number));
    return append;
}

void expect_replay(
    commit::Orderer& orderer, std::uint64_t number, const model::AppendResult& before
) {
    const Answer again = append_to(orderer, batch(number));
    ASSERT_TRUE(again) << again.error().to_string();
    EXPECT_TRUE(again->is_replay);
    EXPECT_EQ(again->first_position, before.first_position);
}

TEST_F(LocalOrdererTest, IdsOfALongStreamAreKnownHoweverTheyAreKept) {
    // A set, a filter, nothing at all; batches of a thousand.
    for (const auto& [batches, kept_max] : std::vector<std::pair<std::uint64_t, std::size_t>>{
             {3, 4'000}, {70, 4u << 20u}, {3, 1'500}
         }) {
        FaultyFileSystem files(8);
        OrdererOptions options = small_options();
        options.log.segment_bytes = 8u << 20u;
        options.known_ids_max = kept_max;
        std::vector<model::AppendResult> results;
        for (const std::uint64_t last : {batches, batches + 2}) {
            // The second time they are read from the index first.
            auto opened = open(files, options);
            ASSERT_TRUE(opened);
            while (results.size() < last) {
                const Answer answer = append_to(**opened, batch(results.size()));
                ASSERT_TRUE(answer) << answer.error().to_string();
                EXPECT_FALSE(answer->is_replay);
                results.push_back(*answer);
            }
            for (const std::uint64_t number : {std::uint64_t{0}, last / 2, last - 1}) {
                expect_replay(**opened, number, results[number]);
            }
            EXPECT_EQ((*opened)->log().durable_end(), Position(last * 1'000));
        }
    }
}

TEST_F(LocalOrdererTest, QueriesOverMoreEventsThanAreKeptAreAnsweredFromTheIndex) {
    FaultyFileSystem files(8);
    OrdererOptions options = small_options();
    options.log.segment_bytes = 8u << 20u;
    auto opened = open(files, options);
    ASSERT_TRUE(opened);
    commit::Orderer& orderer = **opened;
    std::vector<model::AppendResult> results;
    for (std::uint64_t number = 0; number < 80; ++number) {
        const Answer answer = append_to(orderer, batch(number));
        ASSERT_TRUE(answer) << answer.error().to_string();
        results.push_back(*answer);
    }
    const std::string early = token_of(orderer, results[0]);
    const Answer refused = append_to(
        orderer, unless(append_of({.stream = "b-1"}), by_tag("batch:1"), early)
    );
    ASSERT_EQ(code_of(refused), ErrorCode::kConflict);
    EXPECT_EQ(failed_checks_of(refused)[0].matching_position, results[1].first_position);
    EXPECT_TRUE(append_to(orderer, unless(append_of({.stream = "b-1"}), by_tag("batch:0"), early)));
    EXPECT_EQ(
        code_of(append_to(orderer, unless(append_of({.stream = "b-1"}), by_tag("batch:79"), early))
        ),
        ErrorCode::kConflict
    );
}

TEST_F(LocalOrdererTest, ManyThreadsOfRetriesInOneStreamStoreEachEventOnce) {
    // Loads of known ids, the writer's additions and evictions meet here.
    FaultyFileSystem files(9);
    OrdererOptions options = small_options();
    options.stream_table_bytes_max = 1;
    auto opened = open(files, options);
    ASSERT_TRUE(opened);
    constexpr std::uint64_t kEvents = 400;
    std::vector<std::thread> threads;
    std::atomic<std::uint64_t> accepted = 0;
    threads.reserve(4);
    for (std::uint64_t t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            for (std::uint64_t i = 0; i < kEvents; ++i) {
                const std::uint64_t number = (i + t * 3) % kEvents;
                const Answer answer = append_to(
                    **opened,
                    append_of({.stream = "s-" + std::to_string(number % 3), .id = id_of(number)})
                );
                ASSERT_TRUE(answer) << answer.error().to_string();
                if (!answer->is_replay) ++accepted;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(accepted, kEvents);
    EXPECT_EQ((*opened)->visible_end().get(), Position(kEvents));
}

TEST_F(LocalOrdererTest, SaysHowDurableItIs) {
    FaultyFileSystem files(7);
    OrdererOptions options = small_options();
    EXPECT_EQ((*open(files, options))->durability(), "memory");
}

}  // namespace
}  // namespace annals::order_local
