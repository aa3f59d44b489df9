// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/subscriptions/subscription_hub.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>

#include "annals/streams/testing/fake_orderer.hpp"
#include "annals/streams/testing/random_events.hpp"
#include "annals/streams/tokens.hpp"

namespace annals::subscriptions {
namespace {

using api::SubscribeRequest;
using api::SubscriptionFrame;
using api::SubscriptionMark;
using streams::testing::RandomEvents;
using streams::testing::TestEvent;
using Numbers = std::vector<std::uint64_t>;

constexpr std::int64_t kForever = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kSecond = 1'000'000'000;

TestEvent event_of(
    std::string stream, std::string type = "happened", std::vector<std::string> tags = {}
) {
    TestEvent event;
    event.stream = std::move(stream);
    event.type = std::move(type);
    event.tags = std::move(tags);
    return event;
}

model::Filter category_filter(const std::string& category) {
    model::Filter filter;
    filter.categories = {category};
    return filter;
}

Numbers positions(const SubscriptionFrame& frame) {
    Numbers positions;
    const Result<std::vector<model::RecordedEvent>> events = frame.events.decode();
    EXPECT_TRUE(events.has_value());
    for (const model::RecordedEvent& event : *events) positions.push_back(event.position.value);
    return positions;
}

/// A waker that is counted and can be awaited.
class Alarm {
  public:
    [[nodiscard]] std::function<void()> waker() {
        return [this] {
            const std::lock_guard lock(mutex_);
            ++rings_;
            rung_.notify_all();
        };
    }
    void await(std::uint64_t rings) {
        std::unique_lock lock(mutex_);
        const auto has_rung = [&] { return rings_ >= rings; };
        EXPECT_TRUE(rung_.wait_for(lock, std::chrono::seconds(60), has_rung)) << "it never rang";
    }
    [[nodiscard]] std::uint64_t rings() {
        const std::lock_guard lock(mutex_);
        return rings_;
    }

  private:
    std::mutex mutex_;
    std::condition_variable rung_;
    std::uint64_t rings_ = 0;
};

class SubscriptionHubTest : public ::testing::Test {
  protected:
    void append(TestEvent event) { orderer_.append_one(std::move(event)); }
    void append_many(std::size_t count, const TestEvent& event) {
        std::vector<TestEvent> events(count, event);
        orderer_.append(events);
    }
    std::unique_ptr<api::Subscription> subscribe(const SubscribeRequest& request) {
        Result<std::unique_ptr<api::Subscription>> begun = hub_.subscribe(request);
        if (!begun) ADD_FAILURE() << begun.error().to_string();
        return begun ? std::move(*begun) : nullptr;
    }
    ErrorCode error_of(const SubscribeRequest& request) {
        const auto begun = hub_.subscribe(request);
        EXPECT_FALSE(begun.has_value());
        return begun ? ErrorCode::kInternal : begun.error().code();
    }
    /// The next frame, which must be there.
    static SubscriptionFrame take(api::Subscription& subscription) {
        SubscriptionFrame frame;
        const Result<bool> has_frame = subscription.try_next(frame);
        EXPECT_TRUE(has_frame.has_value() && *has_frame)
            << (has_frame ? "nothing there" : has_frame.error().to_string());
        return frame;
    }
    static bool is_waiting(api::Subscription& subscription) {
        SubscriptionFrame frame;
        const Result<bool> has_frame = subscription.try_next(frame);
        return has_frame && !*has_frame;
    }
    static Position position_of(const SubscriptionFrame& frame) {
        return model::parse_token(frame.position)->position;
    }
    std::string token(Position position) { return *streams::Tokens(orderer_).at(position); }

    streams::testing::FakeOrderer orderer_;
    SubscriptionHub hub_{orderer_, &orderer_.clock};
};

TEST_F(SubscriptionHubTest, GivesHistoryThenTheMarkThenWhatIsNew) {
    append_many(250, event_of("a-1"));
    const auto subscription = subscribe({.batch_events_max = 100});
    EXPECT_EQ(take(*subscription).events.size(), 100u);
    EXPECT_EQ(take(*subscription).events.size(), 100u);
    SubscriptionFrame last = take(*subscription);
    EXPECT_EQ(last.events.size(), 50u);
    EXPECT_EQ(last.mark, SubscriptionMark::kNone);
    SubscriptionFrame mark = take(*subscription);
    EXPECT_EQ(mark.mark, SubscriptionMark::kCaughtUp);
    EXPECT_TRUE(mark.events.empty());
    EXPECT_EQ(position_of(mark), Position(250));
    EXPECT_TRUE(is_waiting(*subscription));
    append(event_of("a-1"));
    const SubscriptionFrame live = take(*subscription);
    EXPECT_EQ(positions(live), Numbers{251});
    EXPECT_EQ(live.position, token(Position(251)));
    EXPECT_TRUE(is_waiting(*subscription)) << "caught-up is said once";
}

TEST_F(SubscriptionHubTest, WakesOnlyThoseWhomTheEventConcerns) {
    struct Reader {
        SubscribeRequest request;
        std::unique_ptr<api::Subscription> subscription = nullptr;
        Alarm alarm = {};
    };
    model::Filter by_type;
    by_type.types = {"paid"};
    model::Filter by_tag;
    by_tag.tags = {"customer:7", "region:eu"};
    model::Filter by_prefix;
    by_prefix.stream_prefixes = {"order-1"};
    Reader everything{{}}, stream{{.stream = "order-1"}},
        category{{.filter = category_filter("order")}}, type{{.filter = by_type}},
        tag{{.filter = by_tag}}, prefix{{.filter = by_prefix}}, other_stream{{.stream = "order-2"}},
        other_category{{.filter = category_filter("cart")}};
    Reader* const concerned[] = {&everything, &stream, &category, &type, &tag, &prefix};
    Reader* const others[] = {&other_stream, &other_category};
    const auto begin = [&](Reader& reader) {
        reader.subscription = subscribe(reader.request);
        reader.subscription->set_waker(reader.alarm.waker());
        EXPECT_EQ(take(*reader.subscription).mark, SubscriptionMark::kCaughtUp);
        EXPECT_TRUE(is_waiting(*reader.subscription));
    };
    for (Reader* reader : others) begin(*reader);
    for (Reader* reader : concerned) begin(*reader);
    append(event_of("order-1", "paid", {"region:eu", "customer:7"}));
    for (Reader* reader : concerned) {
        reader->alarm.await(1);
        EXPECT_EQ(positions(take(*reader->subscription)), Numbers{1});
        EXPECT_TRUE(is_waiting(*reader->subscription));
    }
    append(event_of("order-2", "sent", {"customer:7"}));
    everything.alarm.await(2);
    other_stream.alarm.await(1);
    EXPECT_EQ(positions(take(*other_stream.subscription)), Numbers{2});
    category.alarm.await(2);
    EXPECT_EQ(type.alarm.rings(), 1u);
    EXPECT_EQ(tag.alarm.rings(), 1u);
    EXPECT_EQ(prefix.alarm.rings(), 1u);
    EXPECT_EQ(stream.alarm.rings(), 1u);
    EXPECT_EQ(other_category.alarm.rings(), 0u);
}

TEST_F(SubscriptionHubTest, StartsWhereItIsAsked) {
    for (const char* stream : {"a-1", "b-1", "a-1", "b-1", "a-1"}) {
        append(event_of(stream));
        orderer_.clock.pass(1'000);
    }
    const auto from = [&](const std::string& stream, api::SubscribeStart start) {
        const auto subscription = subscribe({.stream = stream, .start = std::move(start)});
        const SubscriptionFrame frame = take(*subscription);
        return positions(frame);
    };
    const TimeNs third(streams::testing::HandClock::kStart + 1'000'000 + 2'000);
    EXPECT_EQ(from("a-1", {}), (Numbers{1, 3, 5}));
    EXPECT_EQ(from("a-1", api::FromRevision{Revision(1)}), (Numbers{3, 5}));
    EXPECT_EQ(from("a-1", api::AfterToken{token(Position(2))}), (Numbers{3, 5}));
    EXPECT_EQ(from("a-1", api::AfterToken{token(Position(3))}), (Numbers{5}));
    EXPECT_EQ(from("a-1", api::FromPosition{Position(3)}), (Numbers{3, 5}));
    EXPECT_EQ(from("a-1", api::FromTime{third}), (Numbers{3, 5}));
    EXPECT_EQ(from("a-1", api::FromEnd{}), Numbers{}) << "the mark at once";
    EXPECT_EQ(from("", {}), (Numbers{1, 2, 3, 4, 5}));
    EXPECT_EQ(from("", api::AfterToken{token(Position(2))}), (Numbers{3, 4, 5}));
    EXPECT_EQ(from("", api::FromPosition{Position(5)}), (Numbers{5}));
    EXPECT_EQ(from("", api::FromTime{third}), (Numbers{3, 4, 5}));
    EXPECT_EQ(from("", api::FromEnd{}), Numbers{});
}

TEST_F(SubscriptionHubTest, WaitsForAStreamARevisionAndATimeThatAreNotThereYet) {
    append(event_of("a-1"));
    const auto stream = subscribe({.stream = "new-1"});
    const auto revision = subscribe({.stream = "a-1", .start = api::FromRevision{Revision(2)}});
    const TimeNs later(orderer_.clock.now().value + 10);
    const auto time = subscribe({.start = api::FromTime{later}});
    const auto time_in_stream = subscribe({.stream = "a-1", .start = api::FromTime{later}});
    for (const auto& one : {&stream, &revision, &time, &time_in_stream}) {
        EXPECT_EQ(take(**one).mark, SubscriptionMark::kCaughtUp);
    }
    append(event_of("a-1"));
    for (const auto& one : {&stream, &revision, &time, &time_in_stream})
        EXPECT_TRUE(is_waiting(**one));
    orderer_.clock.pass(10);
    append(event_of("a-1"));
    append(event_of("new-1"));
    EXPECT_EQ(positions(take(*stream)), Numbers{4});
    EXPECT_EQ(positions(take(*revision)), Numbers{3});
    EXPECT_EQ(positions(take(*time)), (Numbers{3, 4}));
    EXPECT_EQ(positions(take(*time_in_stream)), Numbers{3});
}

TEST_F(SubscriptionHubTest, RefusesWhatIsNotOfThisLog) {
    append(event_of("a-1"));
    model::PositionToken foreign = *model::parse_token(token(Position(1)));
    foreign.chain_bits ^= 1u;
    EXPECT_EQ(
        error_of({.start = api::AfterToken{model::format_token(foreign)}}), ErrorCode::kTokenUnknown
    );
    foreign.position = Position(77);
    EXPECT_EQ(
        error_of({.start = api::AfterToken{model::format_token(foreign)}}),
        ErrorCode::kTokenBeyondEnd
    );
    EXPECT_EQ(error_of({.start = api::FromPosition{Position(77)}}), ErrorCode::kTokenBeyondEnd);
    EXPECT_EQ(error_of({.start = api::FromRevision{Revision(0)}}), ErrorCode::kInvalidArgument);
    EXPECT_EQ(
        error_of({.stream = "a-1", .filter = category_filter("a")}), ErrorCode::kInvalidArgument
    );
    EXPECT_EQ(error_of({.batch_events_max = 5'000}), ErrorCode::kLimitExceeded);
}

TEST_F(SubscriptionHubTest, SaysThatALiveReaderFellBehind) {
    const auto subscription = subscribe({.batch_events_max = 4'096});
    EXPECT_EQ(take(*subscription).mark, SubscriptionMark::kCaughtUp);
    append_many(10'001, event_of("a-1"));
    const SubscriptionFrame behind = take(*subscription);
    EXPECT_EQ(behind.mark, SubscriptionMark::kFellBehind);
    EXPECT_EQ(position_of(behind), Position(0));
    std::size_t events = 0;
    SubscriptionFrame frame = take(*subscription);
    for (; frame.mark == SubscriptionMark::kNone; frame = take(*subscription))
        events += frame.events.size();
    EXPECT_EQ(events, 10'001u);
    EXPECT_EQ(frame.mark, SubscriptionMark::kCaughtUp);
}

TEST_F(SubscriptionHubTest, GivesACheckpointAfterAnIntervalWithoutAMatch) {
    append_many(2'500, event_of("a-1"));
    model::Filter scanned;
    scanned.stream_prefixes = {"b"};
    const auto subscription = subscribe({.filter = scanned, .checkpoint_interval = 1'000});
    for (const std::uint64_t position : {1'000u, 2'000u}) {
        const SubscriptionFrame frame = take(*subscription);
        EXPECT_EQ(frame.mark, SubscriptionMark::kCheckpoint);
        EXPECT_EQ(position_of(frame), Position(position));
    }
    EXPECT_EQ(take(*subscription).mark, SubscriptionMark::kCaughtUp);
    Alarm alarm;
    const auto live = subscribe(
        {.filter = scanned, .start = api::FromEnd{}, .checkpoint_interval = 1'000}
    );
    live->set_waker(alarm.waker());
    EXPECT_EQ(take(*live).mark, SubscriptionMark::kCaughtUp);
    EXPECT_TRUE(is_waiting(*live));
    append_many(999, event_of("a-1"));
    EXPECT_EQ(alarm.rings(), 0u);
    append_many(1, event_of("a-1"));
    alarm.await(1);
    const SubscriptionFrame frame = take(*live);
    EXPECT_EQ(frame.mark, SubscriptionMark::kCheckpoint);
    EXPECT_EQ(position_of(frame), Position(3'500));
}

TEST_F(SubscriptionHubTest, GivesAnIdleCheckpointWhenThePositionMovedOn) {
    Alarm alarm;
    const auto subscription = subscribe({.stream = "a-1"});
    subscription->set_waker(alarm.waker());
    EXPECT_EQ(take(*subscription).mark, SubscriptionMark::kCaughtUp);
    EXPECT_TRUE(is_waiting(*subscription));
    append(event_of("b-1"));
    EXPECT_TRUE(is_waiting(*subscription)) << "not before its time";
    orderer_.clock.pass(5 * kSecond);
    hub_.time_moved();
    alarm.await(1);
    const SubscriptionFrame frame = take(*subscription);
    EXPECT_EQ(frame.mark, SubscriptionMark::kCheckpoint);
    EXPECT_EQ(position_of(frame), Position(1));
    EXPECT_TRUE(is_waiting(*subscription)) << "nothing moved since";
}

TEST_F(SubscriptionHubTest, GivesAnIdleCheckpointThatIsOverdueSoonAfterThePositionMovesOn) {
    Alarm early_alarm;
    const auto early = subscribe({.stream = "a-1"});
    early->set_waker(early_alarm.waker());
    EXPECT_EQ(take(*early).mark, SubscriptionMark::kCaughtUp);
    append(event_of("b-1"));
    Alarm alarm;
    const auto subscription = subscribe({.stream = "a-1"});
    subscription->set_waker(alarm.waker());
    EXPECT_EQ(take(*subscription).mark, SubscriptionMark::kCaughtUp);
    EXPECT_TRUE(is_waiting(*early));
    EXPECT_TRUE(is_waiting(*subscription));
    // The first has something to say when five seconds are over, and shows that they were noticed;
    // the other has nothing new.
    orderer_.clock.pass(5 * kSecond);
    hub_.time_moved();
    early_alarm.await(1);
    EXPECT_EQ(alarm.rings(), 0u);
    append(event_of("b-1"));
    orderer_.clock.pass(1 * kSecond);
    hub_.time_moved();
    alarm.await(1);
    const SubscriptionFrame frame = take(*subscription);
    EXPECT_EQ(frame.mark, SubscriptionMark::kCheckpoint);
    EXPECT_EQ(position_of(frame), Position(2));
}

TEST_F(SubscriptionHubTest, BoundsAFrameInBytes) {
    TestEvent large = event_of("a-1");
    large.data.assign(700u << 10u, 'x');
    for (int i = 0; i < 3; ++i) append(large);
    large.data.assign(2u << 20u, 'x');
    append(large);
    for (const char* stream : {"", "a-1"}) {
        const auto subscription = subscribe({.stream = stream});
        for (std::uint64_t position = 1; position <= 4; ++position) {
            EXPECT_EQ(positions(take(*subscription)), Numbers{position});
        }
    }
}

TEST_F(SubscriptionHubTest, EndsWithShuttingDownOnceAllIsGiven) {
    append(event_of("a-1"));
    Alarm alarm;
    const auto waiting = subscribe({.start = api::FromEnd{}});
    waiting->set_waker(alarm.waker());
    EXPECT_EQ(take(*waiting).mark, SubscriptionMark::kCaughtUp);
    EXPECT_TRUE(is_waiting(*waiting));
    const auto late = subscribe({});
    ASSERT_TRUE(orderer_.close().has_value());
    alarm.await(1);
    SubscriptionFrame frame;
    EXPECT_EQ(waiting->try_next(frame).error().code(), ErrorCode::kShuttingDown);
    EXPECT_EQ(waiting->try_next(frame).error().code(), ErrorCode::kShuttingDown) << "for good";
    EXPECT_EQ(positions(take(*late)), Numbers{1});
    EXPECT_EQ(take(*late).mark, SubscriptionMark::kCaughtUp);
    EXPECT_EQ(late->try_next(frame).error().code(), ErrorCode::kShuttingDown);
}

TEST_F(SubscriptionHubTest, CountsSubscriptionsAndTheSlowest) {
    EXPECT_EQ(hub_.stats().subscriptions, 0u);
    append_many(40, event_of("a-1"));
    const auto slow = subscribe({});
    auto quick = subscribe({.start = api::FromEnd{}});
    EXPECT_EQ(hub_.stats().subscriptions, 2u);
    EXPECT_EQ(hub_.stats().lag_events_max, 40u);
    take(*slow);
    EXPECT_EQ(hub_.stats().lag_events_max, 0u);
    quick.reset();
    EXPECT_EQ(hub_.stats().subscriptions, 1u);
}

TEST_F(SubscriptionHubTest, DestroyingWaitsForTheWakerThatRuns) {
    std::mutex mutex;
    std::condition_variable changed;
    bool is_running = false;
    bool may_end = false;
    std::atomic<bool> has_ended = false;
    auto subscription = subscribe({});
    subscription->set_waker([&] {
        std::unique_lock lock(mutex);
        is_running = true;
        changed.notify_all();
        changed.wait(lock, [&] { return may_end; });
        has_ended = true;
    });
    EXPECT_EQ(take(*subscription).mark, SubscriptionMark::kCaughtUp);
    EXPECT_TRUE(is_waiting(*subscription));
    append(event_of("a-1"));
    {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return is_running; });
    }
    std::thread releaser([&] {
        const std::lock_guard lock(mutex);
        may_end = true;
        changed.notify_all();
    });
    subscription.reset();
    EXPECT_TRUE(has_ended);
    releaser.join();
}

TEST_F(SubscriptionHubTest, AWakerMayRead) {
    Alarm done;
    std::atomic<std::uint64_t> seen = 0;
    api::Subscription* reader = nullptr;
    const auto drain = [&] {
        SubscriptionFrame frame;
        while (true) {
            const Result<bool> has_frame = reader->try_next(frame);
            if (!has_frame || !*has_frame) return;
            if (seen.fetch_add(frame.events.size()) + frame.events.size() == 1'000) done.waker()();
        }
    };
    const auto subscription = subscribe({});
    reader = subscription.get();
    subscription->set_waker(drain);
    drain();
    for (int i = 0; i < 1'000; ++i) append(event_of("a-" + std::to_string(i)));
    done.await(1);
    EXPECT_EQ(seen, 1'000u);
}

TEST_F(SubscriptionHubTest, ThousandsOfIdleSubscriptionsAreNotWoken) {
    std::atomic<std::uint64_t> wakes = 0;
    std::vector<std::unique_ptr<api::Subscription>> idle;
    for (int i = 0; i < 3'000; ++i) {
        idle.push_back(subscribe({.stream = "idle-" + std::to_string(i)}));
        idle.back()->set_waker([&] { ++wakes; });
        EXPECT_EQ(take(*idle.back()).mark, SubscriptionMark::kCaughtUp);
        EXPECT_TRUE(is_waiting(*idle.back()));
    }
    const auto busy = subscribe({});
    EXPECT_EQ(busy->next(kForever)->mark, SubscriptionMark::kCaughtUp);
    for (int i = 0; i < 500; ++i) {
        append(event_of("busy-1"));
        EXPECT_EQ(busy->next(kForever)->events.size(), 1u);
    }
    EXPECT_EQ(wakes, 0u);
    append(event_of("idle-1234"));
    while (wakes == 0) std::this_thread::yield();
    EXPECT_EQ(positions(take(*idle[1'234])), Numbers{501});
}

/// Whatever the order of appends, requests and wakes: each subscription gives exactly what matches
/// from its start.
TEST_F(SubscriptionHubTest, PropertyAnyInterleavingGivesExactlyTheLog) {
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        streams::testing::FakeOrderer log;
        SubscriptionHub own_hub(log, &log.clock);
        streams::Tokens tokens(log);
        RandomEvents random(seed);
        std::vector<TestEvent> all;
        struct Reader {
            SubscribeRequest request;
            Position after;
            std::unique_ptr<api::Subscription> subscription;
            std::atomic<bool> is_woken = true;
            Numbers got;
            Position covered;
        };
        std::vector<std::unique_ptr<Reader>> readers;
        const auto read_one = [&](Reader& reader) {
            SubscriptionFrame frame;
            const Result<bool> has_frame = reader.subscription->try_next(frame);
            ASSERT_TRUE(has_frame.has_value()) << has_frame.error().to_string();
            if (!*has_frame) return;
            const Numbers part = positions(frame);
            reader.got.insert(reader.got.end(), part.begin(), part.end());
            const Position covered = position_of(frame);
            ASSERT_GE(covered, reader.covered);
            if (!part.empty()) {
                ASSERT_GE(covered.value, part.back());
            }
            reader.covered = covered;
        };
        for (int step = 0; step < 800; ++step) {
            switch (random.below(readers.size() < 12 ? 4 : 3)) {
                case 0: {
                    std::vector<TestEvent> events(random.below(6) + 1);
                    for (TestEvent& event : events) event = random.event();
                    log.append(events);
                    all.insert(all.end(), events.begin(), events.end());
                    break;
                }
                case 3: {
                    auto reader = std::make_unique<Reader>();
                    if (random.chance(3)) reader->request.stream = random.stream();
                    if (reader->request.stream.empty()) reader->request.filter = random.filter();
                    reader->after = Position(random.below(all.size() + 1));
                    reader->request.start = api::AfterToken{*tokens.at(reader->after)};
                    reader->request.batch_events_max = static_cast<std::uint32_t>(
                        random.below(9) + 1
                    );
                    reader->request.checkpoint_interval = static_cast<std::uint32_t>(
                        random.below(20) + 1
                    );
                    reader->subscription = std::move(*own_hub.subscribe(reader->request));
                    reader->subscription->set_waker([raw = reader.get()] { raw->is_woken = true; });
                    readers.push_back(std::move(reader));
                    break;
                }
                default:
                    if (!readers.empty()) read_one(*readers[random.below(readers.size())]);
            }
        }
        for (const auto& reader : readers) {
            Numbers wanted;
            for (const TestEvent& event :
                 streams::testing::select(all, reader->request.stream, reader->request.filter)) {
                if (event.position > reader->after) wanted.push_back(event.position.value);
            }
            while (reader->got.size() < wanted.size()) read_one(*reader);
            ASSERT_EQ(reader->got, wanted) << "seed " << seed;
        }
        readers.clear();
    }
}

/// Wakers alone drive the readers while writers append: nothing is lost, doubled or out of order.
TEST_F(SubscriptionHubTest, NoWakeUpIsLostUnderConcurrentWriters) {
    constexpr std::size_t kWriters = 4;
    constexpr std::size_t kEach = 400;
    struct Reader {
        SubscribeRequest request;
        std::unique_ptr<api::Subscription> subscription = nullptr;
        Numbers got = {};
        std::string failure = {};
    };
    model::Filter prefix;
    prefix.stream_prefixes = {"w-2"};
    std::vector<Reader> readers;
    readers.push_back({{}});
    readers.push_back({{.stream = "w-1"}});
    readers.push_back({{.filter = category_filter("w")}});
    readers.push_back({{.filter = prefix}});
    std::vector<std::thread> threads;
    for (Reader& reader : readers) {
        reader.subscription = subscribe(reader.request);
        const std::size_t wanted = kEach * (reader.request.stream.empty() &&
                                                    reader.request.filter.stream_prefixes.empty()
                                                ? kWriters
                                                : 1);
        threads.emplace_back([&reader, wanted] {
            while (reader.got.size() < wanted) {
                const Result<SubscriptionFrame> frame = reader.subscription->next(kForever);
                if (!frame) {
                    reader.failure = frame.error().to_string();
                    return;
                }
                const Numbers part = positions(*frame);
                reader.got.insert(reader.got.end(), part.begin(), part.end());
            }
        });
    }
    for (std::size_t writer = 0; writer < kWriters; ++writer) {
        threads.emplace_back([this, writer] {
            for (std::size_t i = 0; i < kEach; ++i) append(event_of("w-" + std::to_string(writer)));
        });
    }
    for (std::thread& thread : threads) thread.join();
    for (const Reader& reader : readers) {
        EXPECT_EQ(reader.failure, "");
        EXPECT_TRUE(std::is_sorted(reader.got.begin(), reader.got.end()));
        EXPECT_EQ(std::adjacent_find(reader.got.begin(), reader.got.end()), reader.got.end());
    }
    EXPECT_EQ(readers[0].got.size(), kWriters * kEach);
    EXPECT_EQ(readers[1].got.size(), kEach);
}

// ---- damage ----

TEST(SubscriptionsOverDamage, GiveWhatLiesBeforeItAndThenFail) {
    streams::testing::FakeOrderer orderer;
    SubscriptionHub hub(orderer);
    for (const char* text : {"\"one\"", "\"two\"", "\"three\"", "\"four\""}) {
        TestEvent event = event_of("order-1");
        event.data = text;
        orderer.append_one(std::move(event));
    }
    orderer.damage("\"three\"");
    for (const bool is_one_stream : {false, true}) {
        SubscribeRequest request;
        if (is_one_stream) request.stream = "order-1";
        auto begun = hub.subscribe(request);
        ASSERT_TRUE(begun.has_value());
        SubscriptionFrame frame;
        const Result<bool> first = (*begun)->try_next(frame);
        ASSERT_TRUE(first.has_value());
        EXPECT_EQ(positions(frame), (Numbers{1, 2}));
        const Result<bool> second = (*begun)->try_next(frame);
        ASSERT_FALSE(second.has_value());
        EXPECT_EQ(second.error().code(), ErrorCode::kDataLoss);
    }
}

TEST(SubscriptionsOverDamage, StepOverItWhereItIsAcceptedAlsoWhenTheyWait) {
    streams::testing::FakeOrderer orderer(true);
    SubscriptionHub hub(orderer);
    SubscribeRequest request;
    request.filter = category_filter("order");
    auto begun = hub.subscribe(request);
    ASSERT_TRUE(begun.has_value());
    Alarm alarm;
    (*begun)->set_waker(alarm.waker());
    SubscriptionFrame frame;
    Numbers given;
    const auto take_all = [&] {
        while (true) {
            const Result<bool> has_frame = (*begun)->try_next(frame);
            ASSERT_TRUE(has_frame.has_value()) << has_frame.error().to_string();
            if (!*has_frame) return;
            for (const std::uint64_t position : positions(frame)) given.push_back(position);
        }
    };
    take_all();
    std::vector<TestEvent> events;
    for (const char* text : {"\"one\"", "\"two\"", "\"three\""}) {
        events.push_back(event_of("order-1"));
        events.back().data = text;
    }
    orderer.append(events, false);
    orderer.damage("\"two\"");
    orderer.show_all();
    alarm.await(1);
    take_all();
    EXPECT_EQ(given, (Numbers{1, 3}));
}

}  // namespace
}  // namespace annals::subscriptions
