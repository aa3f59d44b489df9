// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <filesystem>
#include <functional>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "annals/annals.hpp"

#include "sdk_test_support.hpp"

namespace annals {
namespace {

using testing::failure_of;
using testing::types_of;

class Folder {
  public:
    Folder() { std::filesystem::remove_all(path); }
    ~Folder() { std::filesystem::remove_all(path); }
    const std::string path = (std::filesystem::temp_directory_path() /
                              ("annals-sdk-" + make_uuid_v4().to_string()))
                                 .string();
};

TEST(Connect, RefusesATokenThatWouldTravelInPlainText) {
    const Failure failure = failure_of([] {
        (void)connect("127.0.0.1:1", {.token = [] { return std::string("secret"); }});
    });
    EXPECT_EQ(failure.code(), ErrorCode::kInvalidArgument);
    EXPECT_EQ(failure.field("field"), "token");
}

TEST(Connect, RefusesABackoffThatShrinks) {
    const Failure failure = failure_of([] {
        (void)connect(
            "127.0.0.1:1",
            {.backoff = {std::chrono::milliseconds(50), std::chrono::milliseconds(10)}}
        );
    });
    EXPECT_EQ(failure.field("field"), "backoff");
}

TEST(Connect, NamesTheTimeThatCannotBe) {
    using std::chrono::milliseconds;
    const auto message_of = [](const ClientOptions& options) {
        const Failure failure = failure_of([&] { (void)connect("127.0.0.1:1", options); });
        EXPECT_EQ(failure.code(), ErrorCode::kInvalidArgument);
        return std::string(failure.field("field")) + ": " + std::string(failure.message());
    };
    const std::string remedy = " ms: give more than 0 and at most a year, 31536000000 ms";
    EXPECT_EQ(message_of({.timeout = milliseconds(0)}), "timeout: timeout is 0" + remedy);
    EXPECT_EQ(message_of({.timeout = milliseconds(-5)}), "timeout: timeout is -5" + remedy);
    EXPECT_EQ(
        message_of({.timeout = milliseconds::max()}),
        "timeout: timeout is 9223372036854775807" + remedy
    );
    EXPECT_EQ(
        message_of({.keep_alive_interval = milliseconds(-1)}),
        "keep_alive_interval: keep_alive_interval is -1" + remedy
    );
    EXPECT_EQ(
        message_of({.keep_alive_timeout = milliseconds(0)}),
        "keep_alive_timeout: keep_alive_timeout is 0" + remedy
    );
    const Client client = connect("127.0.0.1:1");
    const Failure failure = failure_of([&] { (void)client.with_timeout(milliseconds(-1)); });
    EXPECT_EQ(failure.field("field"), "timeout");
}

TEST(Connect, RefusesACertificateWithoutItsKeyAndAKeyWithoutItsCertificate) {
    const auto field_of = [](const Tls& tls) {
        const Failure failure = failure_of([&] { (void)connect("127.0.0.1:1", {.tls = tls}); });
        return std::string(failure.field("field"));
    };
    EXPECT_EQ(field_of({.certificate = "a"}), "tls.private_key");
    EXPECT_EQ(field_of({.private_key = "a"}), "tls.certificate");
}

TEST(Connect, RefusesAPortThatIsNone) {
    for (const char* address :
         {"127.0.0.1:91936", "127.0.0.1:0", "[::1]:65536", "a:999999999999999999999"}) {
        const Failure failure = failure_of([&] { (void)connect(address); });
        EXPECT_EQ(failure.code(), ErrorCode::kInvalidArgument) << address;
        EXPECT_EQ(failure.field("field"), "address") << address;
    }
    (void)connect("[::1]:65535");
}

TEST(Client, SaysThatThereIsNoServerOnceItsTimeIsUp) {
    const Client client = connect("127.0.0.1:1", {.timeout = std::chrono::seconds(2)});
    const Failure failure = failure_of([&] { client.append("a-1", {{.type = "T"}}); });
    EXPECT_EQ(failure.code(), ErrorCode::kUnavailable);
    EXPECT_TRUE(failure.is_transient());
}

TEST(EmbeddedStore, FindsWhatItHeldBeforeItWasClosed) {
    const Folder folder;
    embedded::open(folder.path).append("order-1", {{.type = "Placed"}, {.type = "Paid"}});
    EXPECT_EQ(
        types_of(embedded::open(folder.path), "order-1"),
        (std::vector<std::string>{"Placed", "Paid"})
    );
}

TEST(EmbeddedStore, HasItsFolderAlone) {
    const Folder folder;
    const Client client = embedded::open(folder.path);
    EXPECT_EQ(
        failure_of([&] { (void)embedded::open(folder.path); }).code(), ErrorCode::kDirectoryLocked
    );
}

TEST(EmbeddedStore, LivesAsLongAsWhatItGave) {
    std::optional<Event> kept;
    for (const Event& event : [] {
             const Client client = embedded::open("", {.is_memory = true});
             client.append("order-1", {{.type = "Placed", .data = R"({"item":"tea"})"}});
             return client.read_stream("order-1");
         }()) {
        kept = event;
    }
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->data, R"({"item":"tea"})");
}

TEST(Session, KeepsTheLatestOfWhatItWroteAndObserved) {
    const Client client = embedded::open("", {.is_memory = true});
    const Client session = client.session();
    const std::string first = client.append("a-1", {{.type = "T"}}).position;
    const std::string second = client.append("a-1", {{.type = "T"}}).position;
    session.observe(second);
    session.observe(first);
    EXPECT_EQ(session.position(), second);
    EXPECT_EQ(failure_of([&] { session.observe("no token"); }).code(), ErrorCode::kInvalidArgument);
    EXPECT_EQ(client.position(), "");
}

TEST(RetryOnConflict, GivesUpAfterSoManyTries) {
    const Client client = embedded::open(
        "", {.is_memory = true, .client = {.backoff = {.first = std::chrono::milliseconds(1)}}}
    );
    int tries = 0;
    const Failure failure = failure_of([&] {
        client.retry_on_conflict(
            [&] {
                ++tries;
                client.append("a-1", {{.type = "T"}}, {.expected = kExists});
            },
            3
        );
    });
    EXPECT_EQ(failure.code(), ErrorCode::kConflict);
    EXPECT_EQ(tries, 3);
}

/// Runs until the handler has had the event at this position; the events that it had.
std::vector<std::uint64_t> run_until(Consumer& consumer, std::uint64_t last) {
    std::vector<std::uint64_t> handled;
    std::stop_source stop;
    consumer.run(
        [&](const Event& event) {
            handled.push_back(event.position.value);
            if (event.position.value == last) stop.request_stop();
        },
        stop.get_token()
    );
    return handled;
}

TEST(Consumer, StopsBehindTheEventInHandAndGoesOnThere) {
    const Client client = embedded::open("", {.is_memory = true});
    client.append("a-1", std::vector<NewEvent>(10, {.type = "A"}));
    Consumer consumer = client.consumer("c", {}, {.subscribe = {.batch_events_max = 4}});
    EXPECT_EQ(run_until(consumer, 6), (std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(consumer.progress().handled, 6u);
    EXPECT_EQ(consumer.progress().saved, 6u);
    EXPECT_EQ(consumer.progress().at.value, 6u);
    EXPECT_EQ(run_until(consumer, 10), (std::vector<std::uint64_t>{7, 8, 9, 10}));
}

TEST(Consumer, StoppedAmongTheServersOwnEventsPassesOverNone) {
    const Client client = embedded::open("", {.is_memory = true});
    for (const char* stream : {"a-1", "a-2", "a-3", "a-4"}) {
        client.set_stream_metadata(stream, {.max_count = 100});
    }
    client.append("a-1", {{.type = "A"}});
    Consumer consumer = client.consumer("audit", {.include_system = true});
    EXPECT_EQ(run_until(consumer, 2), (std::vector<std::uint64_t>{1, 2}));
    EXPECT_EQ(run_until(consumer, 5), (std::vector<std::uint64_t>{3, 4, 5}));
}

TEST(Consumer, SavesWithinABatchThatTakesLong) {
    const Client client = embedded::open("", {.is_memory = true});
    client.append("a-1", std::vector<NewEvent>(10, {.type = "A"}));
    const std::chrono::milliseconds at_once{0};
    Consumer consumer = client.consumer(
        "c", {}, {.save_interval = at_once, .save_within = at_once}
    );
    std::stop_source stop;
    consumer.run(
        [&](const Event& event) {
            // saved by another thread, before the batch of ten is over
            while (consumer.progress().at.value + 1 < event.position.value) {
                std::this_thread::yield();
            }
            if (event.position.value == 10) stop.request_stop();
        },
        stop.get_token()
    );
    EXPECT_EQ(consumer.progress().at.value, 10u);
    EXPECT_EQ(consumer.progress().saved, 10u);
}

TEST(Consumer, ShowsTheAgeOfTheEventInHand) {
    const Client client = embedded::open("", {.is_memory = true});
    client.append("a-1", {{.type = "A"}});
    client.append("a-1", {{.type = "A"}});
    Consumer consumer = client.consumer("c");
    EXPECT_EQ(consumer.progress().seconds_behind, 0);
    const auto age = [](const Event& event) {
        return static_cast<double>(system_clock().now().value - event.recorded_time.value) / 1e9;
    };
    std::stop_source stop;
    consumer.run(
        [&](const Event& event) {
            const double before = age(event);
            const double shown = consumer.progress().seconds_behind;
            EXPECT_GE(shown, before);
            EXPECT_LE(shown, age(event));
            if (event.position.value == 2) stop.request_stop();
        },
        stop.get_token()
    );
    EXPECT_EQ(consumer.progress().seconds_behind, 0);
}

TEST(Consumer, IsNotBehindOnceItHandledWhatIsThere) {
    const Client client = embedded::open("", {.is_memory = true});
    client.append("a-1", std::vector<NewEvent>(10, {.type = "A"}));
    Consumer consumer = client.consumer(
        "c", {}, {.subscribe = {.batch_events_max = 4}, .save_interval = std::chrono::seconds(0)}
    );
    std::vector<double> shown;
    std::jthread runs([&](const std::stop_token& stop) {
        consumer.run_batches(
            [&](const Batch&) { shown.push_back(consumer.progress().seconds_behind); }, stop
        );
    });
    while (consumer.progress().saved < 10 || !consumer.progress().is_live) {
        std::this_thread::yield();
    }
    EXPECT_EQ(consumer.progress().seconds_behind, 0);
    runs.request_stop();
    runs.join();
    ASSERT_EQ(shown.size(), 3u);
    for (const double seconds : shown) EXPECT_GT(seconds, 0);
}

TEST(Consumer, GivesABatchAgainWhoseHandlerThrew) {
    const Client client = embedded::open("", {.is_memory = true});
    client.append("a-1", {{.type = "A"}, {.type = "B"}});
    Consumer consumer = client.consumer("c");
    EXPECT_THROW(
        consumer.run([](const Event&) { throw std::runtime_error("broken"); }), std::runtime_error
    );
    std::vector<std::string> types;
    std::stop_source stop;
    consumer.run(
        [&](const Event& event) {
            types.emplace_back(event.type);
            if (types.size() == 2) stop.request_stop();
        },
        stop.get_token()
    );
    EXPECT_EQ(types, (std::vector<std::string>{"A", "B"}));
    EXPECT_EQ(consumer.progress().saved, 2u);
    EXPECT_EQ(client.consumer_progress("c").at, Position(2));
}

TEST(EventsById, FindsEachEventThatHasIt) {
    const Client client = testing::memory_store();
    const Uuid id = make_uuid_v4();
    client.append("a-1", {{.type = "A", .id = id}});
    client.append("b-1", {{.type = "B", .id = id}});
    std::vector<std::string> streams;
    for (const Event& event : client.events_by_id(id)) streams.emplace_back(event.stream);
    EXPECT_EQ(streams, (std::vector<std::string>{"a-1", "b-1"}));
    EXPECT_EQ(
        failure_of([&] { (void)client.events_by_id(make_uuid_v4()); }).code(),
        ErrorCode::kEventNotFound
    );
}

TEST(Events, KeepWhenTheyHappenedAndTheirSchema) {
    const Client client = testing::memory_store();
    const ValidTime noon{TimeNs(1'700'000'000'000'000'000), 60};
    client.append("order-1", {{.type = "T", .valid_time = noon, .schema_id = 7}});
    const Event event = testing::event_of(client, "order-1");
    EXPECT_EQ(event.valid_time, noon);
    EXPECT_EQ(event.schema_id, 7u);
    EXPECT_EQ(event.category(), "order");
}

TEST(ReadPage, GoesOnBehindItsNext) {
    const Client client = testing::memory_store();
    client.append("a-1", {{.type = "A"}, {.type = "B"}, {.type = "C"}});
    const Page first = client.read_page({.stream = "a-1"}, {.limit = 2});
    ASSERT_EQ(first.events.size(), 2u);
    EXPECT_FALSE(first.is_end);
    const Page second = client.read_page({.stream = "a-1", .start = After{first.next}});
    ASSERT_EQ(second.events.size(), 1u);
    EXPECT_EQ(second.events[0].type, "C");
    EXPECT_TRUE(second.is_end);
}

TEST(Readers, AreToldWhatIsGone) {
    const Client client = testing::memory_store();
    client.append("order-1", std::vector<NewEvent>(4, {.type = "A"}));
    EXPECT_TRUE(client.read_page({.stream = "order-1"}).removed.empty());
    client.truncate_stream("order-1", Revision(2));
    const std::vector<Removed> gone = {
        {.first_position = Position(1),
         .last_position = Position(2),
         .events = 2,
         .first_revision = Revision(0),
         .last_revision = Revision(1),
         .time = {}}
    };
    const Page page = client.read_page({.stream = "order-1"});
    EXPECT_EQ(page.events.size(), 2u);
    EXPECT_EQ(page.removed, gone);
    EXPECT_EQ(client.read_page({.stream = "order-1"}, {.backwards = true}).removed, gone);
    Subscription subscription = client.subscribe({.stream = "order-1"});
    const std::optional<Batch> batch = subscription.next();
    ASSERT_TRUE(batch);
    EXPECT_EQ(batch->events.size(), 2u);
    EXPECT_EQ(batch->removed, gone);
}

TEST(Consumers, AreListedByName) {
    const Client client = testing::memory_store();
    client.append("a-1", {{.type = "A"}});
    for (const char* name : {"mail", "bills", "bank"}) {
        std::stop_source stop;
        client.consumer(name).run([&](const Event&) { stop.request_stop(); }, stop.get_token());
    }
    std::vector<std::string> names;
    for (const ConsumerProgress& one : client.consumers("b")) names.push_back(one.consumer);
    EXPECT_EQ(names, (std::vector<std::string>{"bank", "bills"}));
}

TEST(ServerInfo, SaysWhereTheLogEnds) {
    const Client client = testing::memory_store();
    const Appended appended = client.append("a-1", {{.type = "A"}, {.type = "B"}});
    const ServerInfo info = client.info();
    EXPECT_EQ(info.last_position, appended.last_position);
    EXPECT_EQ(info.position, appended.position);
    EXPECT_EQ(info.durability, "memory");
}

}  // namespace
}  // namespace annals
