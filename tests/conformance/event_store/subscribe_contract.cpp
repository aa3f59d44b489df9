// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
// Part of the contract of api::EventStore: what subscriptions promise.

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>

#include "event_store_fixture.hpp"

namespace annals::conformance {

TEST_P(EventStoreContract, ASubscriptionGivesHistoryThenTheMarkThenWhatIsNew) {
    accept("a-1", {event_of(), event_of()});
    const std::string end = accept("b-1", {event_of()}).position;
    const auto subscription = subscribe(subscribe_to(""));
    EXPECT_EQ(positions_of(next_events(*subscription).events), (Numbers{1, 2, 3}));
    const api::SubscriptionFrame mark = must(subscription->next(kForever));
    EXPECT_EQ(mark.mark, api::SubscriptionMark::kCaughtUp);
    EXPECT_EQ(mark.position, end);
    EXPECT_TRUE(mark.events.empty());
    for (std::uint64_t position = 4; position < 10; ++position) {
        const std::string token = accept("a-1", {event_of()}).position;
        const api::SubscriptionFrame frame = next_events(*subscription);
        EXPECT_EQ(positions_of(frame.events), Numbers{position});
        EXPECT_EQ(frame.position, token);
    }
}

TEST_P(EventStoreContract, ASubscriptionGivesWhatWasStored) {
    model::NewEvent event = event_of("placed", "{\"total\":3}");
    event.tags = {"customer:7"};
    accept("order-1", {event});
    const auto subscription = subscribe(subscribe_to("order-1"));
    const api::SubscriptionFrame frame = next_events(*subscription);
    const auto events = frame.events.decode();
    ASSERT_EQ(events->size(), 1u);
    EXPECT_EQ(events->front().stream, "order-1");
    EXPECT_EQ(events->front().data, event.data);
    EXPECT_EQ(events->front().tags, event.tags);
    EXPECT_EQ(events->front().revision, Revision(0));
}

TEST_P(EventStoreContract, ASubscriptionStartsWhereItIsAsked) {
    accept_each({"a-1", "b-1", "a-1", "b-1", "a-1"});
    const std::string third = token_at(Position(3));
    const auto history = [&](const std::string& stream, api::SubscribeStart start) {
        const auto subscription = subscribe(subscribe_to(stream, std::move(start)));
        Numbers all;
        while (!HasFailure()) {
            const api::SubscriptionFrame frame = must(subscription->next(kForever));
            if (frame.mark == api::SubscriptionMark::kCaughtUp) break;
            const Numbers part = positions_of(frame.events);
            all.insert(all.end(), part.begin(), part.end());
        }
        return all;
    };
    EXPECT_EQ(history("a-1", {}), (Numbers{1, 3, 5}));
    EXPECT_EQ(history("a-1", api::FromRevision{Revision(1)}), (Numbers{3, 5}));
    EXPECT_EQ(history("a-1", api::AfterToken{third}), Numbers{5});
    EXPECT_EQ(history("a-1", api::FromPosition{Position(3)}), (Numbers{3, 5}));
    EXPECT_EQ(history("a-1", api::FromTime{TimeNs(0)}), (Numbers{1, 3, 5}));
    EXPECT_EQ(history("a-1", api::FromEnd{}), Numbers{});
    EXPECT_EQ(history("", {}), (Numbers{1, 2, 3, 4, 5}));
    EXPECT_EQ(history("", api::AfterToken{third}), (Numbers{4, 5}));
    EXPECT_EQ(history("", api::FromPosition{Position(2)}), (Numbers{2, 3, 4, 5}));
    EXPECT_EQ(history("", api::FromEnd{}), Numbers{});
}

TEST_P(EventStoreContract, ASubscriptionGoesOnFromTheTokenOfAnyFrame) {
    for (int i = 0; i < 30; ++i) accept("a-" + std::to_string(i % 2), {event_of()});
    api::SubscribeRequest request = subscribe_to("a-1");
    request.batch_events_max = 4;
    Numbers got;
    while (got.size() < 15 && !HasFailure()) {
        const auto subscription = subscribe(request);
        const api::SubscriptionFrame frame = next_events(*subscription);
        const Numbers part = positions_of(frame.events);
        EXPECT_LE(part.size(), 4u);
        got.insert(got.end(), part.begin(), part.end());
        request.start = api::AfterToken{frame.position};
    }
    EXPECT_EQ(got, all_positions(read_of("a-1")));
}

TEST_P(EventStoreContract, AStreamNeedNotExistToBeSubscribedTo) {
    const auto subscription = subscribe(subscribe_to("later-1"));
    EXPECT_EQ(next_mark(*subscription).mark, api::SubscriptionMark::kCaughtUp);
    accept("other-1", {event_of()});
    accept("later-1", {event_of()});
    EXPECT_EQ(positions_of(next_events(*subscription).events), Numbers{2});
}

TEST_P(EventStoreContract, ASubscriptionByPatternHearsOfWhatMatchesAlone) {
    model::Filter filter;
    filter.stream_pattern = "^(a|c)-";
    filter.type_pattern = "ed$";
    const auto subscription = subscribe(subscribe_with(filter));
    EXPECT_EQ(next_mark(*subscription).mark, api::SubscriptionMark::kCaughtUp);
    accept("b-1", {event_of()});
    accept("a-1", {event_of("happening")});
    accept("c-1", {event_of("happened")});
    EXPECT_EQ(positions_of(next_events(*subscription).events), Numbers{3});
}

TEST_P(EventStoreContract, ASubscriptionThatMeetsNothingStillMovesOn) {
    model::Filter filter;
    filter.types = {"never"};
    api::SubscribeRequest request = subscribe_with(filter);
    request.checkpoint_interval = 50;
    const auto subscription = subscribe(request);
    EXPECT_EQ(next_mark(*subscription).mark, api::SubscriptionMark::kCaughtUp);
    accept("a-1", std::vector<model::NewEvent>(60, event_of()));
    const api::SubscriptionFrame mark = next_mark(*subscription);
    EXPECT_EQ(mark.mark, api::SubscriptionMark::kCheckpoint);
    EXPECT_GE(model::parse_token(mark.position)->position, Position(50));
}

TEST_P(EventStoreContract, ASubscriptionThatCannotBeginIsATypedError) {
    const std::string token = accept("a-1", {event_of()}).position;
    const auto after = [&](const std::string& text) {
        return subscription_error(subscribe_to("", api::AfterToken{text}));
    };
    expect_error(
        after(forged(token, [](auto& t) { t.log_id_bits ^= 1u; })), ErrorCode::kTokenUnknown
    );
    expect_error(
        after(forged(token, [](auto& t) { t.position = Position(9); })), ErrorCode::kTokenBeyondEnd
    );
    expect_error(after("nonsense"), ErrorCode::kInvalidArgument, "field", "after");
    expect_error(
        subscription_error(subscribe_to("", api::FromRevision{Revision(0)})),
        ErrorCode::kInvalidArgument
    );
    model::Filter filter;
    filter.tags = {"no-colon"};
    expect_error(
        subscription_error(subscribe_with(filter)),
        ErrorCode::kInvalidArgument,
        "field",
        "filter.tags"
    );
    api::SubscribeRequest large = subscribe_to("a-1");
    large.batch_events_max = 5'000;
    expect_error(subscription_error(large), ErrorCode::kLimitExceeded, "field", "batch_events_max");
}

TEST_P(EventStoreContract, AWakerIsCalledWhenItIsWorthAskingAgain) {
    std::mutex mutex;
    std::condition_variable rung;
    bool is_rung = false;
    const auto subscription = subscribe(subscribe_to("a-1"));
    subscription->set_waker([&] {
        const std::lock_guard lock(mutex);
        is_rung = true;
        rung.notify_one();
    });
    Numbers got;
    for (std::uint64_t events = 0; events < 20;) {
        api::SubscriptionFrame frame;
        const bool has_frame = must(subscription->try_next(frame));
        ASSERT_FALSE(HasFailure());
        if (has_frame) {
            const Numbers part = positions_of(frame.events);
            got.insert(got.end(), part.begin(), part.end());
            events = got.size();
            continue;
        }
        accept("a-1", {event_of()});
        std::unique_lock lock(mutex);
        rung.wait(lock, [&] { return std::exchange(is_rung, false); });
    }
    EXPECT_EQ(got, all_positions(read_of("a-1")));
}

TEST_P(EventStoreContract, ANextWithoutANewEventEndsAtItsDeadline) {
    const auto subscription = subscribe(subscribe_to("a-1"));
    EXPECT_EQ(next_mark(*subscription).mark, api::SubscriptionMark::kCaughtUp);
    expect_error(
        subscription->next(system_clock().monotonic_ns() + 20'000'000), ErrorCode::kDeadlineExceeded
    );
    accept("a-1", {event_of()});
    EXPECT_EQ(positions_of(next_events(*subscription).events), Numbers{1}) << "it goes on";
}

TEST_P(EventStoreContract, ASlowReaderLosesNothing) {
    const auto subscription = subscribe(subscribe_to(""));
    EXPECT_EQ(next_mark(*subscription).mark, api::SubscriptionMark::kCaughtUp);
    const std::string data(1'000, 'x');
    constexpr std::size_t kEvents = 12'000;
    for (std::size_t i = 0; i < kEvents / 500; ++i) {
        accept("a-1", std::vector<model::NewEvent>(500, event_of("happened", data)));
    }
    std::uint64_t next = 1;
    while (next <= kEvents && !HasFailure()) {
        for (const std::uint64_t position : positions_of(next_events(*subscription).events)) {
            ASSERT_EQ(position, next++);
        }
    }
}

TEST_P(EventStoreContract, SubscriptionsEndAtAnyMoment) {
    accept("a-1", std::vector<model::NewEvent>(300, event_of()));
    std::atomic<bool> is_over = false;
    std::thread writer([&] {
        while (!is_over) accept("a-1", {event_of()});
    });
    for (int i = 0; i < 50 && !HasFailure(); ++i) {
        const auto subscription = subscribe(subscribe_to("a-1"));
        for (int frames = 0; frames < i % 7; ++frames) must(subscription->next(kForever));
    }
    is_over = true;
    writer.join();
}

/// Log-and-rules, issue section 8: readers under 64 writers that stall at random see exactly the
/// log.
TEST_P(EventStoreContract, ManyWritersWithStallsLiveReadersSeeExactlyTheLog) {
    constexpr std::size_t kWriters = 64;
    constexpr std::size_t kAppends = 12;
    model::Filter category;
    category.categories = {"even"};
    model::Filter by_type;
    by_type.types = {"type3"};
    by_type.tags = {"writer:3"};
    struct Reader {
        api::SubscribeRequest request;
        Numbers got = {};
        std::string failure = {};
    };
    std::vector<Reader> readers = {
        {subscribe_to("")},
        {subscribe_with(category)},
        {subscribe_with(by_type)},
        {subscribe_to("last")}
    };
    std::vector<std::thread> threads;
    threads.reserve(readers.size());
    for (Reader& reader : readers) {
        threads.emplace_back([this, &reader] {
            Result<std::unique_ptr<api::Subscription>> subscription = store().subscribe(
                {}, reader.request
            );
            // The last event of all is in each selection.
            for (bool is_last = false; subscription && !is_last;) {
                const Result<api::SubscriptionFrame> frame = (*subscription)->next(kForever);
                if (!frame) {
                    reader.failure = frame.error().to_string();
                    return;
                }
                const Status read = frame->events.for_each([&](const model::RecordedEvent& event) {
                    reader.got.push_back(event.position.value);
                    is_last = is_last || event.stream == "even-last" || event.stream == "last";
                    return ok();
                });
                if (!read) reader.failure = read.error().to_string();
            }
        });
    }
    std::vector<std::thread> writers;
    writers.reserve(kWriters);
    for (std::size_t writer = 0; writer < kWriters; ++writer) {
        writers.emplace_back([this, writer] {
            std::minstd_rand random(static_cast<unsigned>(writer) + 1);
            const std::string stream = (writer % 2 == 0 ? "even-" : "odd-") +
                                       std::to_string(writer / 4);
            const std::string type = "type" + std::to_string(writer % 8);
            const std::string tag = "writer:" + std::to_string(writer % 8);
            for (std::size_t i = 0; i < kAppends; ++i) {
                for (std::uint64_t stall = random() % 50; stall > 0; --stall) {
                    std::this_thread::yield();
                }
                model::NewEvent event = event_of(type);
                event.tags = {tag};
                accept(stream, std::vector<model::NewEvent>(1 + random() % 3, event));
            }
        });
    }
    for (std::thread& writer : writers) writer.join();
    model::NewEvent last = event_of("type3");
    last.tags = {"writer:3"};
    last.stream = "last";
    model::NewEvent last_even = last;
    last_even.stream = "even-last";
    must(append("", {last, last_even}));
    for (std::thread& thread : threads) thread.join();
    for (Reader& reader : readers) {
        EXPECT_EQ(reader.failure, "");
        api::ReadRequest request = read_of(reader.request.stream);
        request.filter = reader.request.filter;
        request.limit = 4'096;
        Numbers expected = all_positions(request);
        // A reader stops at the first of the last two that it meets, with the frame it came in.
        EXPECT_GE(reader.got.size() + 1, expected.size());
        expected.resize(std::min(expected.size(), reader.got.size()));
        EXPECT_EQ(reader.got, expected);
    }
}

}  // namespace annals::conformance
