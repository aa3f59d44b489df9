// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

// Races between writers, as tests of the orderer's contract.
#include <atomic>
#include <future>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "annals/commit/testing/test_append.hpp"

#include "orderer_fixture.hpp"

namespace annals::conformance {

// ---- races ----

class Races : public OrdererContract {
  protected:
    /// Submits from many threads at once; answers come in the order of `appends`.
    std::vector<Answer> all_at_once(const std::vector<TestAppend>& appends) {
        std::vector<std::optional<Answer>> answers(appends.size());
        std::vector<std::thread> threads;
        std::atomic<std::size_t> ready = 0;
        threads.reserve(appends.size());
        for (std::size_t i = 0; i < appends.size(); ++i) {
            threads.emplace_back([&, i] {
                ++ready;
                while (ready < appends.size()) std::this_thread::yield();
                answers[i] = append_to(*orderer_, appends[i]);
            });
        }
        for (std::thread& thread : threads) thread.join();
        std::vector<Answer> out;
        out.reserve(answers.size());
        for (auto& answer : answers) out.push_back(std::move(*answer));
        return out;
    }

    /// The next rounds are decided from an index that was made anew from the log.
    void rebuild_now_and_then(std::uint64_t round) {
        if (round % 4 == 3) reopen_without_index();
    }

    static int accepted(const std::vector<Answer>& answers) {
        int count = 0;
        for (const Answer& answer : answers) {
            if (answer) {
                ++count;
            } else {
                EXPECT_EQ(answer.error().code(), ErrorCode::kConflict)
                    << answer.error().to_string();
            }
        }
        return count;
    }
};

TEST_P(Races, OfManyOnOneExpectedRevisionExactlyOneWins) {
    for (std::uint64_t round = 0; round < 10; ++round) {
        const auto expected = round == 0 ? model::ExpectedRevision::no_stream()
                                         : model::ExpectedRevision::exactly(Revision(round - 1));
        std::vector<TestAppend> appends;
        appends.reserve(8);
        for (std::uint64_t i = 0; i < 8; ++i) {
            appends.push_back(expecting(
                append_of({.stream = "a-1", .id = id_of(round * 100 + i)}), "a-1", expected
            ));
        }
        EXPECT_EQ(accepted(all_at_once(appends)), 1);
        rebuild_now_and_then(round);
    }
    EXPECT_EQ(end(), Position(10));
}

TEST_P(Races, OfManyOnOneQueryExactlyOneWins) {
    std::string after;
    for (std::uint64_t round = 0; round < 10; ++round) {
        std::vector<TestAppend> appends;
        appends.reserve(8);
        for (int i = 0; i < 8; ++i) {
            appends.push_back(unless(
                append_of({.stream = "s-" + std::to_string(i), .tags = {"seat:7"}}),
                by_tag("seat:7"),
                after
            ));
        }
        const auto answers = all_at_once(appends);
        EXPECT_EQ(accepted(answers), 1);
        for (const Answer& answer : answers) {
            if (answer) after = token(*answer);
        }
        rebuild_now_and_then(round);
    }
    EXPECT_EQ(end(), Position(10));
}

TEST_P(Races, DisjointQueriesNeverBlockEachOther) {
    std::vector<std::string> after(8);
    for (std::uint64_t round = 0; round < 20; ++round) {
        std::vector<TestAppend> appends;
        for (std::size_t i = 0; i < 8; ++i) {
            const std::string tag = "seat:" + std::to_string(i);
            appends.push_back(
                unless(append_of({.stream = "s-1", .tags = {tag}}), by_tag(tag), after[i])
            );
        }
        const auto answers = all_at_once(appends);
        EXPECT_EQ(accepted(answers), 8);
        for (std::size_t i = 0; i < 8; ++i) {
            if (answers[i]) after[i] = token(*answers[i]);
        }
        rebuild_now_and_then(round);
    }
}

TEST_P(Races, AppendsOfOneCallerToOneStreamKeepTheirOrder) {
    for (int reopening = 0; reopening < 3; ++reopening) {
        std::vector<std::future<Answer>> answers;
        answers.reserve(200);
        for (int i = 0; i < 200; ++i) {
            answers.push_back(submit(*orderer_, append_of({.stream = "s-" + std::to_string(i % 4)}))
            );
        }
        std::map<std::string, std::uint64_t> last;
        for (auto& answer : answers) {
            const Answer got = answer.get();
            ASSERT_TRUE(got) << got.error().to_string();
            const auto& stream = got->streams[0];
            if (last.contains(stream.stream)) {
                EXPECT_EQ(stream.first.value, last[stream.stream] + 1);
            }
            last[stream.stream] = stream.first.value;
        }
        reopen();
    }
}

TEST_P(Races, ManyStalledWritersAndAReaderThatSeesDensePositions) {
    constexpr int kWriters = 64;
    constexpr int kAppends = 30;
    std::atomic<int> running = kWriters;
    std::vector<std::thread> threads;
    std::atomic<std::uint64_t> stored = 0;
    threads.reserve(kWriters);
    for (int w = 0; w < kWriters; ++w) {
        threads.emplace_back([&, w] {
            std::mt19937 random(static_cast<unsigned>(w));
            for (int i = 0; i < kAppends; ++i) {
                std::vector<TestEvent> events(1 + random() % 4);
                for (TestEvent& event : events) event.stream = "s-" + std::to_string(random() % 20);
                const auto result = accept(append_of_all(events));
                stored += result.last_position.value - result.first_position.value + 1;
                for (auto stall = random() % 200; stall != 0; --stall) {
                    std::this_thread::yield();
                }
            }
            --running;
        });
    }
    // Reads everything as it becomes visible: no position may be missing or come later.
    std::map<std::string, std::uint64_t> next;
    Position seen;
    log::LogReader reader = orderer_->log().reader();
    while (running != 0 || seen < end()) {
        const Position visible = end();
        while (seen < visible) {
            ++seen;
            const auto event = reader.at(seen);
            ASSERT_TRUE(event) << event.error().to_string();
            model::RecordedEvent read;
            ASSERT_TRUE(model::decode_event_fields(event->envelope, read));
            EXPECT_EQ(event->revision.value, next[std::string(read.stream)]++);
        }
        std::this_thread::yield();
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(end().value, stored.load());
}

}  // namespace annals::conformance
