// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// Each row of eskit's contract 2.1, Logs, LogsPoll and Healtz, on a real store in memory.
#include <algorithm>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "annals/dialect_eskit/testing/harness.hpp"

namespace annals::dialect_eskit::testing {
namespace {

using contracts::eventstore::AppLogEntry;

class EskitLog : public ::testing::Test {
  protected:
    void fill(int count, std::string_view type) {
        for (int i = 0; i < count; ++i) {
            ASSERT_EQ(eskit_.append("f" + std::to_string(++filled_), "1", type).code, kOk);
        }
    }

    std::vector<std::string> ids(
        std::string_view from_id = "",
        std::uint32_t size = 0,
        std::string_view selector = "",
        std::string_view pipeline = ""
    ) {
        const auto answer = eskit_.logs(from_id, size, selector, pipeline);
        EXPECT_EQ(answer.code, kOk) << answer.text;
        std::vector<std::string> out;
        for (const AppLogEntry& entry : answer.message.results()) out.push_back(entry.id());
        return out;
    }

    using Ids = std::vector<std::string>;
    Harness eskit_;
    int filled_ = 0;
};

using EskitPoll = EskitLog;

TEST_F(EskitLog, SaysThatItIsWell) {
    const auto answer = eskit_.healtz();
    EXPECT_EQ(answer.code, kOk);
    EXPECT_EQ(answer.message.message(), "OK");
    EXPECT_TRUE(eskit_.store().close());
    const auto closed = eskit_.healtz();
    EXPECT_EQ(closed.code, kInternal);
    EXPECT_TRUE(closed.text.starts_with("connecting to store failed : ")) << closed.text;
}

TEST_F(EskitLog, IsEmptyWhereThereIsNothing) {
    EXPECT_EQ(ids(), Ids());
    EXPECT_EQ(ids("1", 0, "*"), Ids());
    EXPECT_EQ(ids("1000000", 0, "", "A"), Ids());
    EXPECT_EQ(ids("18446744073709551615"), Ids());
    fill(2, "A.B");
    EXPECT_EQ(ids("3"), Ids());
    EXPECT_EQ(ids("4"), Ids());
}

TEST_F(EskitLog, RefusesIdsThatAreNoNumbers) {
    const std::string prefix = "invalid fromID : strconv.ParseUint: parsing ";
    for (const auto& [id, why] : std::vector<std::pair<std::string, std::string>>{
             {"abc", "\"abc\": invalid syntax"},
             {"-1", "\"-1\": invalid syntax"},
             {"18446744073709551616", "\"18446744073709551616\": value out of range"}
         }) {
        const auto answer = eskit_.logs(id);
        EXPECT_EQ(answer.code, kInvalidArgument);
        EXPECT_EQ(answer.text, prefix + why);
        const auto poll = eskit_.poll_refused(id);
        EXPECT_EQ(poll.code, kInvalidArgument);
        EXPECT_EQ(poll.text, prefix + why);
    }
}

TEST_F(EskitLog, BeginsAtAnIdAndHoldsTwentyUnlessAsked) {
    fill(30, "A.B");
    EXPECT_EQ(ids().size(), 20u);
    EXPECT_EQ(ids().front(), "1");
    EXPECT_EQ(ids("0", 3), (Ids{"1", "2", "3"}));
    EXPECT_EQ(ids("29"), (Ids{"29", "30"}));
    EXPECT_EQ(ids("", 1'000'000).size(), 30u);
}

TEST_F(EskitLog, MeetsPipelineFromIdAndSelectorTogether) {
    for (int i = 0; i < 25; ++i) {  // ids 1, 4, … | 2, 5, … | 3, 6, …
        fill(1, "Fill.Created");
        fill(1, "Fill.Updated");
        fill(1, "com.x.Y.Created");
    }
    EXPECT_EQ(ids("10", 2, "", "com.x.Y"), (Ids{"12", "15"}));
    EXPECT_EQ(ids("", 0, "*").size(), 20u);
    EXPECT_EQ(ids("", 0, "Fill.*").size(), 20u);
    EXPECT_EQ(ids("", 100, "Fill.*").size(), 50u);
    EXPECT_EQ(ids("2", 2, "Fill.Created"), (Ids{"4", "7"}));
    EXPECT_EQ(ids("2", 2, "*.Created"), (Ids{"3", "4"}));
    EXPECT_EQ(ids("2", 2, "com.x.Y.*"), (Ids{"3", "6"}));
    EXPECT_EQ(ids("", 100, "*", "Fill").size(), 50u);
    EXPECT_EQ(ids("", 100, "Fill.Updated", "Fill").size(), 25u);
    EXPECT_EQ(ids("", 100, "Fill.Updated", "com.x.Y"), Ids());
    EXPECT_EQ(ids("", 100, "Fill"), Ids());
    EXPECT_EQ(ids("", 100, "com.x.*"), Ids());
    EXPECT_EQ(ids("", 100, "*.*").size(), 75u);
    fill(1, "Fill");
    EXPECT_EQ(ids("", 100, "Fill"), Ids{"76"});
    EXPECT_EQ(ids("1", 100, "Fill.*", "").back(), "74");
}

TEST_F(EskitLog, LooksAtEveryEventWhereTypesAreTooMany) {
    for (int i = 0; i < 70; ++i) fill(1, "A.E" + std::to_string(i));
    EXPECT_EQ(ids("", 100, "A.*").size(), 70u);
    EXPECT_EQ(ids("60", 100, "", "A").size(), 11u);
}

TEST_F(EskitLog, NeverShowsSystemStreams) {
    model::NewEvent event;
    event.type = "secret";
    model::AppendRequest request;
    request.stream = "$internal";
    request.events.push_back(event);
    api::CallContext server;
    server.is_server = true;
    ASSERT_TRUE(eskit_.store().append_and_wait(server, request));
    fill(1, "A.B");
    EXPECT_EQ(ids(), Ids{"2"});
    EXPECT_EQ(ids("", 0, "secret"), Ids());
    EXPECT_EQ(eskit_.poll()->next().id(), "2");
}

TEST_F(EskitLog, StepsThroughWithTheLastIdPlusOne) {
    fill(45, "A.B");
    std::set<std::string> seen;
    std::uint64_t from = 1;
    while (true) {
        const Ids page = ids(std::to_string(from), 10, "*", "A");
        if (page.empty()) break;
        seen.insert(page.begin(), page.end());
        from = std::stoull(page.back()) + 1;
    }
    EXPECT_EQ(seen.size(), 45u);
}

TEST_F(EskitPoll, GivesHistoryThenWhatComes) {
    fill(30, "A.B");
    const auto poll = eskit_.poll("29", "", "", 1);
    EXPECT_EQ(poll->next().id(), "29");
    EXPECT_EQ(poll->next().id(), "30");
    EXPECT_FALSE(poll->next_now());
    fill(1, "A.C");
    const AppLogEntry entry = poll->next();
    EXPECT_EQ(entry.id(), "31");
    EXPECT_EQ(entry.event().event_type(), "A.C");
}

TEST_F(EskitPoll, WaitsForAnIdThatIsStillToCome) {
    fill(1, "A.B");
    const auto poll = eskit_.poll("5");
    EXPECT_FALSE(poll->next_now());
    fill(5, "A.B");
    EXPECT_EQ(poll->next().id(), "5");
    EXPECT_EQ(poll->next().id(), "6");
}

TEST_F(EskitPoll, GivesEachEntryOfAPipelineOnce) {
    fill(3, "A.B");
    fill(2, "B.B");
    const auto by_pipeline = eskit_.poll("", "", "A");
    const auto by_both = eskit_.poll("2", "*.B", "A");
    const auto exact = eskit_.poll("1", "B.B");
    for (const char* id : {"1", "2", "3"}) EXPECT_EQ(by_pipeline->next().id(), id);
    for (const char* id : {"2", "3"}) EXPECT_EQ(by_both->next().id(), id);
    for (const char* id : {"4", "5"}) EXPECT_EQ(exact->next().id(), id);
    fill(1, "B.B");
    fill(1, "A.C");
    EXPECT_EQ(by_pipeline->next().id(), "7");
    EXPECT_EQ(exact->next().id(), "6");
    fill(1, "A.B");
    EXPECT_EQ(by_both->next().id(), "8");
}

TEST_F(EskitPoll, GetsThroughALongHistoryWithoutAMatch) {
    // more frames than one caller may read in a row
    model::AppendRequest request;
    request.stream = "x-1";
    for (int i = 0; i < 20'000; ++i) {
        model::NewEvent event;
        event.type = "X.Y";
        request.events.push_back(event);
    }
    ASSERT_TRUE(eskit_.store().append_and_wait({}, request));
    const auto poll = eskit_.poll("", "", "A");
    fill(1, "A.B");
    EXPECT_EQ(poll->next().id(), "20001");
}

TEST_F(EskitPoll, FreesEverythingWhenCallersLeave) {
    {
        std::vector<std::unique_ptr<Poll>> polls;
        for (int i = 0; i < 50; ++i) {
            polls.push_back(eskit_.poll("", i % 2 == 0 ? "" : "None.*"));
            EXPECT_FALSE(polls.back()->next_now());
        }
        EXPECT_EQ(eskit_.subscriptions(), 50u);
    }
    EXPECT_EQ(eskit_.subscriptions(), 0u);
    fill(1, "A.B");
    EXPECT_EQ(eskit_.subscriptions(), 0u);
}

TEST_F(EskitPoll, LosesNoEventOfManyWriters) {
    constexpr int kWriters = 8;
    constexpr int kEvents = 50;
    const auto all = eskit_.poll();
    const auto some = eskit_.poll("", "", "T3");
    std::vector<std::thread> writers;
    writers.reserve(kWriters);
    for (int t = 0; t < kWriters; ++t) {
        writers.emplace_back([&, t] {
            for (int i = 1; i <= kEvents; ++i) {
                const std::string type = "T" + std::to_string(t) + ".E";
                EXPECT_EQ(
                    eskit_.append("w" + std::to_string(t), std::to_string(i), type).code, kOk
                );
            }
        });
    }
    std::uint64_t last = 0;
    std::set<std::string> seen;
    for (int i = 0; i < kWriters * kEvents; ++i) {
        const AppLogEntry entry = all->next();
        const std::uint64_t id = std::stoull("0" + entry.id());
        EXPECT_GT(id, last);
        last = id;
        seen.insert(entry.event().originator().id() + "@" + entry.event().originator().version());
    }
    EXPECT_EQ(seen.size(), static_cast<std::size_t>(kWriters * kEvents));
    for (int i = 1; i <= kEvents; ++i) {
        EXPECT_EQ(some->next().event().originator().version(), std::to_string(i));
    }
    for (std::thread& writer : writers) writer.join();
    EXPECT_FALSE(all->next_now());
}

}  // namespace
}  // namespace annals::dialect_eskit::testing
